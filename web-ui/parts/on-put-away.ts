/** Calls `listener` when the page is hidden or left: it may never be heard of again. Returns the end of it. */
export function onPutAway(listener: () => void): () => void {
  const onHidden = () => {
    if (document.visibilityState === 'hidden') listener()
  }
  globalThis.addEventListener('pagehide', listener)
  document.addEventListener('visibilitychange', onHidden)
  return () => {
    globalThis.removeEventListener('pagehide', listener)
    document.removeEventListener('visibilitychange', onHidden)
  }
}

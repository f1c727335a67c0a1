/** The only doors to the machine: time, chance, the network. Tests and odd environments hand in their own. */
export interface Platform {
  /** Milliseconds since 1970. */
  now(): number
  /** Calls `run` after `ms`; the returned function prevents it. */
  after(ms: number, run: () => void): () => void
  /** Between 0 and 1, for jitter. */
  random(): number
  /** A name that nobody else will think of: 32 hex digits. */
  randomId(): string
  fetch(url: string, init: RequestInit): Promise<Response>
  openSocket(url: string): WebSocket
  /** True while there is a page that nobody can see. */
  isHidden(): boolean
  /**
   * Calls `listener` when the network may be back, or somebody looks: the machine is online, or the page is visible or in focus, again.
   * Returns the end of it.
   */
  onWake(listener: () => void): () => void
}

/** What browsers and Node from 22 on have. */
export const globalPlatform: Platform = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
  random: () => Math.random(),
  // Not crypto.randomUUID: browsers have it on https only.
  randomId: () =>
    Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(''),
  fetch: (url, init) => fetch(url, init),
  openSocket: (url) => new WebSocket(url),
  isHidden: () => typeof document !== 'undefined' && document.visibilityState === 'hidden',
  onWake,
}

function onWake(listener: () => void): () => void {
  if (typeof document === 'undefined') return () => undefined
  const onVisible = (): void => {
    if (document.visibilityState === 'visible') listener()
  }
  globalThis.addEventListener('online', listener)
  globalThis.addEventListener('focus', listener)
  document.addEventListener('visibilitychange', onVisible)
  return () => {
    globalThis.removeEventListener('online', listener)
    globalThis.removeEventListener('focus', listener)
    document.removeEventListener('visibilitychange', onVisible)
  }
}

/** The time that an HTTP date names, in ms since 1970; NaN for anything else. */
export const timeOf = (date: string): number => Date.parse(date)

/** Resolves after `ms`, or as soon as `signal` is aborted. */
export function sleep(platform: Platform, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = (): void => {
      cancel()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const cancel = platform.after(ms, done)
    signal.addEventListener('abort', done)
  })
}

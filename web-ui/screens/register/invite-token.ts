/** The token in whatever somebody pastes: the whole link, its end, or the bare token. */
export function inviteTokenOf(pasted: string): string | undefined {
  const text = pasted.trim()
  const [, token] = /\/invite\/([A-Za-z0-9._~-]+)/.exec(text) ?? /^([A-Za-z0-9._~-]{4,64})$/.exec(text) ?? []
  return token
}

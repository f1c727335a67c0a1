import type { Deps } from '#node/deps.ts'
import { OutsideError, type OutsideAnswer } from '#node/outside/outside-call.ts'

/** All of a preview, its picture included, is there within this time or not at all. */
export const previewMs = 10_000
const maxRedirects = 3
const ports = [80, 443, 8443, 8448]

/** An address of the web that may be looked at, in one way of writing it; nothing for all others. */
export function webAddress(text: string, base?: string): URL | undefined {
  const url = URL.parse(text, base)
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') return undefined
  url.hash = ''
  return url
}

/** Whether the administrator has it that nothing of this host is shown: it, or a domain above it, is on the list; `*` is all of them. */
export const isBlocked = ({ config }: Pick<Deps, 'config'>, { hostname }: URL): boolean =>
  config.previewBlocked.some((name) => name === '*' || hostname === name || hostname.endsWith(`.${name}`))

/** Gets what is at an address of the web, at most `maxBytes` of it. Every step of the way is judged. Throws OutsideError. */
export async function fetchPage(
  deps: Deps,
  from: URL,
  { maxBytes, until, cut }: { maxBytes: number; until: number; cut: boolean },
): Promise<OutsideAnswer> {
  let url = from
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    if (isBlocked(deps, url)) throw new OutsideError('refused', 'Nothing of this server is shown.')
    const answer = await deps.fetch(url.href, {
      maxBytes,
      cut,
      deadlineMs: Math.max(1, until - deps.clock.now()),
      ports,
      headers: { 'user-agent': 'Hearth (bot; previews of links)', accept: 'text/html,image/*;q=0.9,*/*;q=0.1' },
    })
    const location = [301, 302, 303, 307, 308].includes(answer.status) ? answer.headers['location'] : undefined
    if (location === undefined) return answer
    const next = webAddress(location, url.href)
    if (next === undefined) throw new OutsideError('refused', 'This leads to no address of the web.')
    url = next
  }
  throw new OutsideError('too-many-redirects', 'There are too many redirects.')
}

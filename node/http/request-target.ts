import type { IncomingMessage } from 'node:http'
import { invalidParam } from '#spec/errors.ts'

/** What a request is for, as it was sent: nothing is decoded, resolved or tidied, so that whoever looks at it sees the same. */
export interface RequestTarget {
  /** With its percent signs. */
  readonly path: string
  /** Without the question mark. */
  readonly query: string
}

export function targetOf(incoming: IncomingMessage): RequestTarget {
  // Proxies may ask for a whole address.
  const target = (incoming.url ?? '').replace(/^https?:\/\/[^/?]*/i, '')
  const at = target.indexOf('?')
  return at < 0 ? { path: target, query: '' } : { path: target.slice(0, at), query: target.slice(at + 1) }
}

/** Names and values of the query; of a name that comes more than once, an array. Throws M_INVALID_PARAM. */
export function queryOf({ query }: RequestTarget): Record<string, string | string[]> {
  if (query === '') return {}
  checkEncoding(query)
  const values = new Map<string, string | string[]>()
  for (const [name, value] of new URLSearchParams(query)) {
    const earlier = values.get(name)
    values.set(name, earlier === undefined ? value : [earlier, value].flat())
  }
  return Object.fromEntries(values)
}

/** Throws M_INVALID_PARAM unless the percent signs write UTF-8: a lenient reader would take two addresses for one. */
export function checkEncoding(text: string): void {
  if (!text.includes('%')) return
  try {
    decodeURIComponent(text)
  } catch {
    throw invalidParam('The address is not written in percent-encoded UTF-8.')
  }
}

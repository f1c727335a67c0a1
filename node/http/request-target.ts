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
  decode(query)
  const values = new Map<string, string | string[]>()
  for (const [name, value] of new URLSearchParams(query)) {
    const earlier = values.get(name)
    values.set(name, earlier === undefined ? value : [earlier, value].flat())
  }
  return Object.fromEntries(values)
}

/** The parts of a path, decoded once. Throws M_INVALID_PARAM. */
export function decodeSegments(segments: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (!Object.values(segments).some((segment) => segment.includes('%'))) return segments
  return Object.fromEntries(Object.entries(segments).map(([name, segment]) => [name, decode(segment)]))
}

/** A lenient reader would take two addresses for one: percent signs write UTF-8, or nothing. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw invalidParam('The address is not written in percent-encoded UTF-8.')
  }
}

import type { RoomId, UserId } from '#spec/ids.ts'
import type { Membership } from '#spec/room/content.ts'
import type { Deps } from '#node/deps.ts'
import type { TimelinePage } from './store.ts'
import type { StoredEvent } from './stored-event.ts'
import { sightOf, type Sight } from './visible-events.ts'

/** The most events of one page. */
export const largestPage = 1_000
/** How many events one request reads to find those that it answers with. */
const mostRead = 10_000

export type Range = TimelinePage

/** Events that a reader may see, in the order of their range. */
export interface Page {
  readonly events: readonly StoredEvent[]
  readonly membershipAt: Sight['membershipAt']
  /** Where the next page begins; absent at the end of what there is. */
  readonly next: number | undefined
}

interface Source {
  /** Events of the room in a range, in its order: as many as its limit, unless there are no more. */
  read(range: Range): Promise<readonly StoredEvent[]>
  isWanted(event: StoredEvent): boolean
}

/**
 * Reads on over events that the reader may not see or did not ask for: an empty page with a token makes some clients give up. But not for
 * ever: a page that took too much reading ends early, with a token.
 */
export async function collectPage(
  deps: Deps,
  userId: UserId,
  roomId: RoomId,
  range: Range,
  source: Source,
): Promise<Page> {
  const memberships = new Map<StoredEvent, Membership>()
  const page = (next: number | undefined): Page => ({
    events: [...memberships.keys()],
    membershipAt: (event) => memberships.get(event)!,
    next,
  })
  let { after, upTo } = range
  let size = Math.max(range.limit, 50)
  for (let read = 0; range.limit > 0 && read < mostRead; read += size, size = Math.min(size * 2, largestPage)) {
    const events = await source.read({ ...range, after, upTo, limit: size })
    const sight = await sightOf(deps, userId, roomId, events)
    const visible = new Set(sight.events)
    for (const event of events) {
      if (visible.has(event) && source.isWanted(event)) memberships.set(event, sight.membershipAt(event))
      if (range.direction === 'b') upTo = event.position - 1
      else after = event.position
      if (memberships.size === range.limit) return page(await continuation(source, range, after, upTo))
    }
    if (events.length < size) return page(undefined)
  }
  return page(range.direction === 'b' ? upTo : after)
}

/** A full page that happens to be the last one says so. */
async function continuation(source: Source, range: Range, after: number, upTo: number) {
  const more = await source.read({ ...range, after, upTo, limit: 1 })
  if (more.length === 0) return undefined
  return range.direction === 'b' ? upTo : after
}

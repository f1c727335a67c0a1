import type { RoomId, UserId } from '#spec/ids.ts'
import { perNode, type Deps } from '#node/deps.ts'
import { eventKind, type EventRow } from '#node/rooms/facts.ts'
import * as store from './store.ts'

/** The summary of a room before it is made one reader's own. */
export interface SharedSummary {
  readonly joined: number
  readonly invited: number
  /** One more than there are heroes, for a reader is never a hero to themselves. Absent where the room has a name. */
  readonly people: readonly { readonly userId: UserId; readonly membership: string }[] | undefined
}

export const mostHeroes = 5
const mostKept = 5_000

/** Events after which a summary is another; a redaction may take a name away. */
export const summaryTypes: ReadonlySet<string> = new Set(['m.room.member', 'm.room.name', 'm.room.canonical_alias'])
const isChange = ({ event }: EventRow) =>
  event.type === 'm.room.redaction' || (event.state_key !== undefined && summaryTypes.has(event.type))

/** Kept because everybody in a room asks for the same when somebody joins. `changes` counts what was committed that changes any of them. */
const keptOf = perNode((deps) => {
  const kept = { summaries: new Map<RoomId, SharedSummary>(), changes: 0 }
  deps.stream.onCommit(({ facts }) => {
    for (const { kind, row } of facts) {
      if (kind !== eventKind || !isChange(row as EventRow)) continue
      kept.changes++
      kept.summaries.delete((row as EventRow).event.room_id)
    }
  })
  return kept
})

/** The summaries of some rooms: as new as what this process has announced, or newer. */
export async function sharedSummaries(
  deps: Deps,
  roomIds: readonly RoomId[],
): Promise<ReadonlyMap<RoomId, SharedSummary>> {
  const kept = keptOf(deps)
  const { changes } = kept
  const known = roomIds.flatMap((roomId) => {
    const summary = kept.summaries.get(roomId)
    return summary ? [[roomId, summary] as const] : []
  })
  const missing = roomIds.filter((roomId) => !kept.summaries.has(roomId))
  if (missing.length === 0) return new Map(known)
  const read = await readSummaries(deps, missing)
  if (kept.changes === changes)
    for (const [roomId, summary] of read) {
      if (kept.summaries.size >= mostKept) kept.summaries.clear()
      kept.summaries.set(roomId, summary)
    }
  return new Map([...known, ...read])
}

async function readSummaries(deps: Deps, roomIds: readonly RoomId[]): Promise<[RoomId, SharedSummary][]> {
  const sizes = await store.readRoomSizes(deps.sql, roomIds)
  const unnamed = sizes.filter((size) => !isNamed(size)).map((size) => size.roomId)
  const people = unnamed.length === 0 ? [] : await store.readPeople(deps.sql, unnamed, mostHeroes + 1)
  const peopleOf = Map.groupBy(people, (one) => one.roomId)
  return sizes.map((size) => {
    const { roomId, joined, invited } = size
    return [roomId, { joined, invited, people: isNamed(size) ? undefined : (peopleOf.get(roomId) ?? []) }]
  })
}

const isNamed = ({ name, alias }: store.RoomSize): boolean => holdsText(name, 'name') || holdsText(alias, 'alias')

function holdsText(content: string | null, field: string): boolean {
  if (content === null) return false
  const value = (JSON.parse(content) as Record<string, unknown>)[field]
  return typeof value === 'string' && value !== ''
}

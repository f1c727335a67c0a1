import type { RoomId, UserId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import type { StoredEvent } from '#node/rooms/stored-event.ts'
import type { Reader } from './reader.ts'
import { mostHeroes, sharedSummaries, summaryTypes, type SharedSummary } from './room-summaries.ts'
import type { Timeline } from './timelines.ts'

/** What a room is called and how large it is, for clients that do not have all of its members. Client-Server API, `RoomSummary`. */
export interface Summary {
  readonly joined: number
  readonly invited: number
  /** Absent where the room has a name. */
  readonly heroes: readonly UserId[] | undefined
}

/** True if a room may be called otherwise after this event: a redaction may have taken its name away. */
export const changesSummary = (event: StoredEvent): boolean =>
  event.stateKey === null ? event.type === 'm.room.redaction' : summaryTypes.has(event.type)

/** Summaries of the rooms that the reader is in and that may be called otherwise than before. */
export async function readSummaries(
  deps: Deps,
  reader: Reader,
  timelines: readonly Timeline[],
  states: ReadonlyMap<RoomId, readonly StoredEvent[]>,
): Promise<Map<RoomId, Summary>> {
  const isOther = ({ plan, events }: Timeline) =>
    plan.isWhole || events.some(changesSummary) || states.get(plan.roomId)!.some(changesSummary)
  const roomIds = timelines.filter((t) => t.plan.section === 'join' && isOther(t)).map((t) => t.plan.roomId)
  if (roomIds.length === 0) return new Map()
  const shared = await sharedSummaries(deps, roomIds)
  return new Map([...shared].map(([roomId, summary]) => [roomId, summaryFor(summary, reader.userId)]))
}

export const summaryFor = ({ joined, invited, people }: SharedSummary, reader: UserId): Summary => ({
  joined,
  invited,
  heroes: people && preferPresent(people.filter(({ userId }) => userId !== reader).slice(0, mostHeroes)),
})

/** Those who have gone stand for a room only when nobody else is there. */
function preferPresent(heroes: readonly { readonly userId: UserId; readonly membership: string }[]): UserId[] {
  const present = heroes.filter(({ membership }) => membership === 'join' || membership === 'invite')
  return (present.length > 0 ? present : heroes).map((hero) => hero.userId)
}

export const summaryText = ({ joined, invited, heroes }: Summary): string =>
  JSON.stringify({ 'm.heroes': heroes, 'm.joined_member_count': joined, 'm.invited_member_count': invited })

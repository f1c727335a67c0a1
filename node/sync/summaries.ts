import type { RoomId, UserId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import type { StoredEvent } from '#node/rooms/stored-event.ts'
import type { Reader } from './reader.ts'
import * as store from './store.ts'
import type { Timeline } from './timelines.ts'

/** What a room is called and how large it is, for clients that do not have all of its members. Client-Server API, `RoomSummary`. */
export interface Summary {
  readonly joined: number
  readonly invited: number
  /** Absent where the room has a name. */
  readonly heroes: readonly UserId[] | undefined
}

const mostHeroes = 5
const summaryTypes: ReadonlySet<string> = new Set(['m.room.member', 'm.room.name', 'm.room.canonical_alias'])

/** True if a room may be called otherwise after this event. */
export const changesSummary = (event: StoredEvent): boolean => event.stateKey !== null && summaryTypes.has(event.type)

/** Summaries of the rooms that the reader is in and that may be called otherwise than before. */
export async function readSummaries(
  deps: Deps,
  reader: Reader,
  timelines: readonly Timeline[],
  states: ReadonlyMap<RoomId, readonly StoredEvent[]>,
): Promise<Map<RoomId, Summary>> {
  const roomIds = timelines
    .filter(({ plan }) => plan.section === 'join')
    .filter(
      ({ plan, events }) =>
        plan.isWhole || events.some(changesSummary) || states.get(plan.roomId)!.some(changesSummary),
    )
    .map(({ plan }) => plan.roomId)
  if (roomIds.length === 0) return new Map()
  const sizes = await store.readRoomSizes(deps.sql, roomIds)
  const unnamed = sizes.filter((size) => !isNamed(size)).map((size) => size.roomId)
  const heroes = unnamed.length === 0 ? [] : await store.readHeroes(deps.sql, reader.userId, unnamed, mostHeroes)
  const heroesOf = Map.groupBy(heroes, (hero) => hero.roomId)
  return new Map(
    sizes.map((size) => {
      const { roomId, joined, invited } = size
      return [
        roomId,
        { joined, invited, heroes: isNamed(size) ? undefined : preferPresent(heroesOf.get(roomId) ?? []) },
      ]
    }),
  )
}

/** The summary of a room before it is made one reader's own. */
export interface SharedSummary {
  readonly joined: number
  readonly invited: number
  /** One more than there are heroes, for a reader is never a hero to themselves. Absent where the room has a name. */
  readonly people: readonly { readonly userId: UserId; readonly membership: string }[] | undefined
}

export async function readSharedSummary(deps: Deps, roomId: RoomId): Promise<SharedSummary> {
  const [size] = await store.readRoomSizes(deps.sql, [roomId])
  const { joined, invited } = size!
  const people = isNamed(size!) ? undefined : await store.readHeroes(deps.sql, nobody, [roomId], mostHeroes + 1)
  return { joined, invited, people }
}

const nobody = '' as UserId

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

const isNamed = ({ name, alias }: store.RoomSize): boolean => holdsText(name, 'name') || holdsText(alias, 'alias')

function holdsText(content: string | null, field: string): boolean {
  if (content === null) return false
  const value = (JSON.parse(content) as Record<string, unknown>)[field]
  return typeof value === 'string' && value !== ''
}

export const summaryText = ({ joined, invited, heroes }: Summary): string =>
  JSON.stringify({ 'm.heroes': heroes, 'm.joined_member_count': joined, 'm.invited_member_count': invited })

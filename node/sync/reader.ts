import type { FilterDefinition, RoomEventFilter } from '#spec/api/client/filter-definition.ts'
import type { DeviceId, RoomId, UserId } from '#spec/ids.ts'
import { findFilter } from '#node/accounts/filters.ts'
import { perNode, type Deps } from '#node/deps.ts'
import type { KnownMembers } from './known-members.ts'

/** `state`: as it was at the start of a timeline. The others: as it is at its end, under the name that the client knows. */
export type StateKey = 'state' | 'state_after' | 'org.matrix.msc4222.state_after'

/** Whom an answer is for, and in which form they want it. */
export interface Reader {
  readonly userId: UserId
  readonly deviceId: DeviceId
  readonly filter: FilterDefinition
  readonly stateKeys: readonly StateKey[]
  /** Whose member events this device has: with lazily loaded members they are not sent again. */
  readonly known: KnownMembers
}

/** True if state is told as it is at the end of a timeline, and not to be taken from the timeline. */
export const wantsStateAfter = (reader: Reader): boolean => !reader.stateKeys.includes('state')
export const loadsLazily = (reader: Reader): boolean => reader.filter.room?.state?.lazy_load_members === true

/** True if what is unread is told for each thread. */
export const tellsThreads = ({ filter }: Pick<Reader, 'filter'>): boolean =>
  filter.room?.timeline?.unread_thread_notifications === true

/** True if the filter keeps events of rooms out of timelines by what they are: state changes may then be missing from these. */
export function dropsFromTimelines({ filter }: Pick<Reader, 'filter'>): boolean {
  const { types, not_types, senders, not_senders, contains_url, rooms, not_rooms } = filter.room?.timeline ?? {}
  return [types, not_types, senders, not_senders, contains_url, rooms, not_rooms].some((part) => part !== undefined)
}

/** True for filters that change nothing of plain news: limits, lazily loaded members, and what is about other parts. */
export function letsNewsThrough({
  event_fields: fields,
  event_format: format,
  presence,
  room,
}: FilterDefinition): boolean {
  const neutral = new Set(['limit', 'lazy_load_members', 'include_redundant_members', 'unread_thread_notifications'])
  const isNeutral = (part: object | undefined) => Object.keys(part ?? {}).every((key) => neutral.has(key))
  if (fields !== undefined || room?.rooms !== undefined || room?.not_rooms !== undefined) return false
  if (format === 'federation' || room?.timeline?.limit === 0) return false
  if (!isNeutral(presence)) return false
  const redundant = room?.state?.include_redundant_members === true
  return isNeutral(room?.timeline) && isNeutral(room?.ephemeral) && isNeutral(room?.state) && !redundant
}

/** True if the filter lets a room through at all. */
export function includesRoom({ filter }: Pick<Reader, 'filter'>, roomId: RoomId): boolean {
  const { rooms, not_rooms } = filter.room ?? {}
  return (rooms === undefined || rooms.includes(roomId)) && !not_rooms?.includes(roomId)
}

const filtersOf = perNode(() => new Map<string, FilterDefinition>())
const mostFilters = 1_000

/** The filter of a request: one that was stored, or one written out. Throws M_NOT_FOUND. */
export async function resolveFilter(
  deps: Deps,
  userId: UserId,
  asked: string | FilterDefinition | undefined,
): Promise<FilterDefinition> {
  if (typeof asked !== 'string') return asked ?? {}
  const filters = filtersOf(deps)
  const key = `${userId} ${asked}`
  const found = filters.get(key) ?? (await findFilter(deps, userId, asked))
  if (filters.size >= mostFilters) filters.clear()
  filters.set(key, found)
  return found
}

/** True if the filter of one part of the rooms (state, timeline, ...) lets a room through. */
export const includesRoomPart = (filter: RoomEventFilter | undefined, roomId: RoomId): boolean =>
  (filter?.rooms === undefined || filter.rooms.includes(roomId)) && !filter?.not_rooms?.includes(roomId)

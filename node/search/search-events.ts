import { maxSearchResults, searchKeys, type SearchCriteria } from '#spec/api/client/search.ts'
import { invalidParam, MatrixError } from '#spec/errors.ts'
import type { UserId } from '#spec/ids.ts'
import { readIgnoredUsers } from '#node/accounts/ignored-users.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { passes } from '#node/rooms/event-filter.ts'
import { cutErased } from '#node/rooms/erased-events.ts'
import { visibleEvents } from '#node/rooms/visible-events.ts'
import { catchUp } from './keep-up.ts'
import { findEvents, limitTime, readRoomsEverIn, type Cursor, type FoundEvent, type Wanted } from './store.ts'
import { wordsOf } from './words.ts'

/** One page of what was found. */
export interface Found {
  readonly matches: readonly FoundEvent[]
  /** The words as they were searched for. */
  readonly words: readonly string[]
  /** How many the searcher may see in all, of the first few hundred. */
  readonly count: number
  readonly nextBatch: string | undefined
}

const usualResults = 10
const mostWords = 20
/** Matches are read in portions of this size, and so many are looked at for one page. */
const portion = 500
const mostPortions = 10
const longestMs = 5_000

/** Finds events that the user may see: what they may not does not count, in no number either. */
export async function searchEvents(
  deps: Deps,
  userId: UserId,
  criteria: SearchCriteria,
  token: string | undefined,
): Promise<Found> {
  const words = wordsOf(criteria.search_term).slice(0, mostWords)
  const from = token === undefined ? undefined : parseToken(token)
  const rooms = await roomsToSearch(deps, userId, criteria)
  const limit = Math.max(1, Math.min(criteria.filter?.limit ?? usualResults, maxSearchResults))
  if (words.length === 0 || rooms.length === 0) return { matches: [], words, count: 0, nextBatch: undefined }
  await catchUp(deps)
  const ignored = await readIgnoredUsers(deps.sql, userId)
  const wanted: Wanted = { words, rooms, ignored, keys: criteria.keys ?? searchKeys, order: criteria.order_by }
  const start = from?.cursor ?? { before: Number.MAX_SAFE_INTEGER, skip: 0 }
  const found = await collect(deps, userId, wanted, criteria, start, from ? limit + 1 : portion)
  const count = from?.count ?? found.length
  const page = found.slice(0, limit)
  const nextBatch = found.length > limit ? tokenOf(page.at(-1)!.next, count) : undefined
  return { matches: page.map((match) => match.event), words, count, nextBatch }
}

async function roomsToSearch(deps: Deps, userId: UserId, { filter }: SearchCriteria) {
  const rooms = await readRoomsEverIn(deps.sql, userId)
  return rooms.filter((room) => (filter?.rooms?.includes(room) ?? true) && !filter?.not_rooms?.includes(room))
}

interface Match {
  readonly event: FoundEvent
  /** Where to go on after it. */
  readonly next: Cursor
}

async function collect(
  deps: Deps,
  userId: UserId,
  wanted: Wanted,
  { filter }: SearchCriteria,
  start: Cursor,
  most: number,
): Promise<Match[]> {
  const matches: Match[] = []
  let cursor = start
  for (let read = 0; read < mostPortions && matches.length < most; read++) {
    const candidates = await findInTime(deps, wanted, cursor)
    const seen = await visibleOf(deps, userId, candidates)
    for (const event of candidates) {
      cursor = after(wanted, cursor, event)
      if (seen.has(event.eventId) && (!filter || passes(filter, event))) matches.push({ event, next: cursor })
    }
    if (candidates.length < portion) break
  }
  return matches
}

const after = ({ order }: Wanted, { before, skip }: Cursor, event: FoundEvent): Cursor =>
  order === 'recent' ? { before: event.position, skip } : { before, skip: skip + 1 }

async function findInTime(deps: Deps, wanted: Wanted, cursor: Cursor): Promise<FoundEvent[]> {
  try {
    return await transaction(deps.sql, async (tx) => {
      await limitTime(tx, longestMs)
      return await findEvents(tx, wanted, cursor, portion)
    })
  } catch (error) {
    // PostgreSQL, "Error Codes": query_canceled.
    if (!(error instanceof Error && 'code' in error && error.code === '57014')) throw error
    throw new MatrixError('M_UNKNOWN', 'This search takes too long: please use longer words, or fewer rooms.', {
      status: 503,
      cause: error,
    })
  }
}

async function visibleOf(deps: Deps, userId: UserId, candidates: readonly FoundEvent[]): Promise<Set<string>> {
  const byRoom = [...Map.groupBy(candidates, (event) => event.roomId)]
  const seen = await Promise.all(byRoom.map(([roomId, events]) => visibleEvents(deps, userId, roomId, events)))
  const cut = await cutErased(deps, userId, seen.flat())
  // By words that the reader does not see, nothing is found.
  return new Set(seen.flat().flatMap((event) => (cut(event) === event ? [event.eventId] : [])))
}

const tokenOf = ({ before, skip }: Cursor, count: number): string => `${before}_${skip}_${count}`

function parseToken(token: string): { cursor: Cursor; count: number } {
  const [, before, skip, count] = /^(\d{1,16})_(\d{1,9})_(\d{1,9})$/.exec(token) ?? []
  if (before === undefined) throw invalidParam('This is not a token that this server gave.')
  return { cursor: { before: Number(before), skip: Number(skip) }, count: Number(count) }
}

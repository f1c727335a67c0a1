import type { RoomId, UserId } from '#spec/ids.ts'
import { membershipOf } from '#spec/room/content.ts'
import type { JsonObject } from '#spec/json.ts'
import { isInterestedInAlias, isInterestedInRoom, mayActAs } from '#node/accounts/appservices/appservices.ts'
import type { Appservice } from '#node/accounts/appservices/registration.ts'
import type { Deps } from '#node/deps.ts'
import { typingSince } from '#node/ephemeral/typing.ts'
import { changedBetween, type Person } from '#node/presence/people.ts'
import type { StoredEvent } from '#node/rooms/stored-event.ts'
import { hasRoomNamespaces, mayHaveMail, passingSince } from './attention.ts'
import * as store from './store.ts'

const mostEvents = 100
/** So much content of events, in characters, and no more than one event beyond it. */
const mostContent = 1_000_000
const mostReceipts = 100
const mostLetters = 100

/** What a service is to be told of a piece of the log. */
export interface News {
  /** As far as it goes: less than was asked for, where there is more than fits. */
  readonly upTo: number
  readonly events: readonly StoredEvent[]
  readonly receipts: readonly store.ReceiptAt[]
  readonly typing: readonly { readonly roomId: RoomId; readonly userIds: readonly UserId[] }[]
  readonly presence: readonly Person[]
  readonly letters: readonly store.Letter[]
  readonly listsChanged: readonly UserId[]
  readonly listsLeft: readonly UserId[]
}

export const isNothing = ({ events, receipts, typing, presence, letters, listsChanged, listsLeft }: News): boolean =>
  [events, receipts, typing, presence, letters, listsChanged, listsLeft].every((part) => part.length === 0)

/**
 * Reads what concerns a service of what happened after `after` and up to `upTo`.
 *
 * 1. Events, of rooms in which a user of the service was at the time, and of those that its other namespaces cover now.
 * 2. What passes in rooms, and messages to devices, as far as the events go.
 * 3. The end lies where the first of these has more than fits: all else is told up to there.
 */
export async function gather(deps: Deps, one: Appservice, after: number, upTo: number): Promise<News> {
  const piece = { after, upTo, limit: mostEvents }
  const rooms = hasRoomNamespaces(one) ? await roomsCovered(deps, one, await store.readRoomsIn(deps.sql, piece)) : []
  const [events, receipts, letters] = await Promise.all([
    store.readEvents(deps.sql, one.id, rooms, piece),
    readReceipts(deps, one, { ...piece, limit: mostReceipts }),
    one.receivesEphemeral && mayHaveMail(deps, one.id, after)
      ? store.readLetters(deps.sql, one.id, { ...piece, limit: mostLetters })
      : [],
  ])
  const fitting = events.slice(0, countFitting(events))
  const end = Math.min(
    upTo,
    ...(fitting.length < events.length || events.length === mostEvents ? [fitting.at(-1)!.position] : []),
    ...(receipts.length >= mostReceipts ? [receipts.at(-1)!.position] : []),
    ...(letters.length >= mostLetters ? [letters.at(-1)!.position] : []),
  )
  const isWithin = ({ position }: { position: number }) => position <= end
  const told = fitting.filter(isWithin)
  return {
    upTo: end,
    events: told,
    receipts: receipts.filter(
      (receipt) => isWithin(receipt) && (receipt.type === 'm.read' || mayActAs(one, receipt.userId)),
    ),
    letters: letters.filter(isWithin),
    typing: one.receivesEphemeral ? await readTyping(deps, one, after, end) : [],
    presence: one.receivesEphemeral ? await readPresence(deps, one, after, end) : [],
    ...(await readLists(deps, one, { ...piece, upTo: end }, told)),
  }
}

function countFitting(events: readonly StoredEvent[]): number {
  let length = 0
  const last = events.findIndex(({ content }) => (length += content.length) > mostContent)
  return last === -1 ? events.length : Math.max(1, last)
}

/** Of some rooms those that a namespace for rooms or aliases covers. */
async function roomsCovered(deps: Deps, one: Appservice, rooms: readonly { roomId: RoomId }[]): Promise<RoomId[]> {
  const ids = rooms.map(({ roomId }) => roomId)
  const aliases = one.namespaces.aliases.length === 0 ? [] : await store.readAliases(deps.sql, ids)
  const byAlias = new Set(aliases.filter(({ alias }) => isInterestedInAlias(one, alias)).map(({ roomId }) => roomId))
  return ids.filter((roomId) => byAlias.has(roomId) || isInterestedInRoom(one, roomId))
}

/** Of the rooms in which somebody has typed or read since `after` those that concern the service. */
async function roomsWherePassing(deps: Deps, one: Appservice, after: number): Promise<RoomId[]> {
  const known = passingSince(deps, after)
  if (known?.length === 0) return []
  const candidates = known ?? (await store.readRoomIds(deps.sql, one.id, hasRoomNamespaces(one)))
  const [own, covered] = await Promise.all([
    store.readOpenAmong(deps.sql, one.id, candidates),
    hasRoomNamespaces(one)
      ? roomsCovered(
          deps,
          one,
          candidates.map((roomId) => ({ roomId })),
        )
      : [],
  ])
  return [...new Set([...own, ...covered])]
}

async function readReceipts(deps: Deps, one: Appservice, piece: store.Piece): Promise<readonly store.ReceiptAt[]> {
  if (!one.receivesEphemeral) return []
  const rooms = await roomsWherePassing(deps, one, piece.after)
  return rooms.length === 0 ? [] : store.readReceipts(deps.sql, rooms, piece)
}

async function readTyping(deps: Deps, one: Appservice, after: number, upTo: number) {
  const rooms = await roomsWherePassing(deps, one, after)
  return rooms.flatMap((roomId) => {
    const userIds = typingSince(deps, roomId, after, upTo)
    return userIds ? [{ roomId, userIds }] : []
  })
}

/** Those of its own, and those who are in a room with one of them. */
async function readPresence(deps: Deps, one: Appservice, after: number, upTo: number): Promise<Person[]> {
  const changed = changedBetween(deps, after, upTo)
  const known = await acquainted(
    deps,
    one,
    changed.map(({ userId }) => userId),
  )
  return changed.filter(({ userId }) => known.has(userId))
}

async function acquainted(deps: Deps, one: Appservice, users: readonly UserId[]): Promise<Set<UserId>> {
  const met = await store.readAcquainted(deps.sql, one.id, users)
  return new Set(users.filter((userId) => met.has(userId) || mayActAs(one, userId)))
}

/** Whose devices the service's users must ask for again: those who changed them, and those who came. And whose they need not follow any more. */
async function readLists(
  deps: Deps,
  one: Appservice,
  piece: store.Piece,
  events: readonly StoredEvent[],
): Promise<Pick<News, 'listsChanged' | 'listsLeft'>> {
  if (!one.receivesEncryption) return { listsChanged: [], listsLeft: [] }
  const changes = (await store.readListChanges(deps.sql, piece)).map(({ userId }) => userId)
  const moved = events.filter(({ type, stateKey }) => type === 'm.room.member' && !mayActAs(one, stateKey as UserId))
  const who = (isIn: boolean) =>
    moved.filter((event) => (membershipIn(event) === 'join') === isIn).map((event) => event.stateKey as UserId)
  const known = await acquainted(deps, one, [...changes, ...who(true), ...who(false)])
  const left = new Set(who(false).filter((userId) => !known.has(userId)))
  return {
    listsChanged: [...new Set([...changes, ...who(true)].filter((userId) => known.has(userId)))],
    listsLeft: [...left],
  }
}

const membershipIn = ({ content }: StoredEvent) => membershipOf({ content: JSON.parse(content) as JsonObject })

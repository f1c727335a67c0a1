import type { EventId, RoomId } from '#spec/ids.ts'
import type { Membership } from '#spec/room/content.ts'
import type { Deps } from '#node/deps.ts'
import { includesRoom, type Reader } from './reader.ts'
import type { OwnRooms } from './own-rooms.ts'
import * as store from './store.ts'

/** What the part of a room in an answer is about. */
export interface RoomPlan {
  readonly roomId: RoomId
  readonly section: 'join' | 'leave'
  /** Its timeline holds events after this position, and up to `upTo`. */
  readonly after: number
  readonly upTo: number
  /** All of the state is told, not only what changed after `after`. */
  readonly isWhole: boolean
  /** The reader has been in the room since this position: whatever happened from then on is theirs to see. */
  readonly insideSince: number
  /** The event that ended the reader's time in the room: told in any case. */
  readonly ending: { readonly eventId: EventId; readonly membership: Membership } | undefined
}

/** A room that the reader was invited to, or asks to join, since a position. */
export interface Calling {
  readonly roomId: RoomId
  readonly upTo: number
}

export interface Plan {
  /** The answer tells everything up to this position, and nothing after it. */
  readonly head: number
  readonly since: number | undefined
  readonly rooms: readonly RoomPlan[]
  readonly invited: readonly Calling[]
  readonly knocked: readonly Calling[]
  /** Every room that the reader is in: they wait for news of these. */
  readonly joined: readonly RoomId[]
}

export interface PlanOptions {
  readonly since: number | undefined
  readonly fullState: boolean
  readonly mayHaveNews: (roomId: RoomId) => boolean
}

/**
 * Which rooms an answer is about. `since` absent: everything. Rooms in which the reader stands as before come into the plan if they
 * `mayHaveNews`.
 */
export async function planRooms(
  deps: Deps,
  reader: Reader,
  { head, settled, others, joined }: OwnRooms,
  { since, fullState, mayHaveNews }: PlanOptions,
): Promise<Plan> {
  const after = since ?? 0
  const isWanted = ({ roomId }: { roomId: RoomId }) => includesRoom(reader, roomId)
  const wanted = others.filter(isWanted)
  const histories = await readHistories(deps, reader, wanted, since, head)
  const isTold = ({ roomId }: store.SettledRow) => fullState || mayHaveNews(roomId)
  const goOn = settled
    .filter((row) => isTold(row) && isWanted(row))
    .map((row) => planJoined(row, undefined, { after, head, fullState }))
  const planOf = (row: store.MembershipRow): RoomPlan | undefined =>
    row.membership === 'join'
      ? planJoined(row, histories.get(row.roomId), { after, head, fullState: fullState || since === undefined })
      : row.membership === 'leave' || row.membership === 'ban'
        ? planLeft(row, histories.get(row.roomId) ?? [], after)
        : undefined
  const news = (membership: string) =>
    wanted
      .filter((row) => row.membership === membership && row.position > after)
      .map((row) => ({ roomId: row.roomId, upTo: row.position }))
  return {
    head,
    since,
    rooms: [...goOn, ...wanted.flatMap((row) => planOf(row) ?? [])],
    invited: news('invite'),
    knocked: news('knock'),
    joined,
  }
}

type Histories = ReadonlyMap<RoomId, readonly store.OwnMembership[]>

/** The reader's own past in the rooms where it matters: those joined or left since the token. */
async function readHistories(
  deps: Deps,
  reader: Reader,
  rows: readonly store.MembershipRow[],
  since: number | undefined,
  head: number,
): Promise<Histories> {
  const changed = rows.filter(
    (row) =>
      (row.membership === 'join' && since !== undefined && row.membershipPosition > since) ||
      row.membership === 'leave' ||
      row.membership === 'ban',
  )
  if (changed.length === 0) return new Map()
  const ids = changed.map((row) => row.roomId)
  return Map.groupBy(await store.readOwnHistory(deps.sql, reader.userId, ids, head), (entry) => entry.roomId)
}

const wasInsideAt = (history: readonly store.OwnMembership[], position: number): boolean =>
  history.findLast((entry) => entry.position <= position)?.membership === 'join'

function planJoined(
  row: store.SettledRow,
  history: readonly store.OwnMembership[] | undefined,
  { after, head, fullState }: { after: number; head: number; fullState: boolean },
): RoomPlan {
  // Whoever has come, or left and come back, is told the whole state; whoever was there before goes on in the timeline that they have.
  const goesOn = history === undefined || wasInsideAt(history, after)
  return {
    roomId: row.roomId,
    section: 'join',
    after: goesOn ? after : 0,
    upTo: head,
    isWhole: fullState || history !== undefined,
    insideSince: row.membershipPosition,
    ending: undefined,
  }
}

function planLeft(row: store.MembershipRow, history: readonly store.OwnMembership[], after: number): RoomPlan {
  const lastJoin = history.findLastIndex((entry) => entry.membership === 'join')
  const leftAt = lastJoin < 0 ? 0 : history[lastJoin + 1]!.position
  const goesOn = after > 0 && wasInsideAt(history, after)
  // Nothing but the ending is told of a time outside: of an invitation that was declined, of a ban that followed a leave; and of what was forgotten.
  const wasInside = leftAt > after && !row.forgotten
  return {
    roomId: row.roomId,
    section: 'leave',
    after: wasInside ? (goesOn ? after : 0) : row.position,
    upTo: wasInside ? leftAt : row.position,
    isWhole: wasInside && !goesOn,
    insideSince: Number.MAX_SAFE_INTEGER,
    ending: { eventId: row.eventId, membership: row.membership },
  }
}

import type { PlainEvent, StrippedStateEvent, SyncEvent } from '#spec/api/client/client-event.ts'
import type { InvitedRoom, JoinedRoom, LeftRoom } from '#spec/api/client/sync.ts'
import { localpartOf, type EventId, type RoomId, type UserId } from '#spec/ids.ts'
import { applyRedactions } from './apply-redactions.ts'
import { confirmedBy } from './confirmed-by.ts'
import { placeTimeline, type Placed } from './place-timeline.ts'
import { receiptsIn, typingIn } from './read-receipts.ts'
import { redactedEvent, redactionTargetOf } from './redaction.ts'
import {
  applyState,
  heroOf,
  isMessage,
  lastMessageOf,
  memberRowOf,
  newRoomRow,
  stateRowOf,
  withoutFacts,
} from './room-row.ts'
import {
  type AccountDataRow,
  type Hero,
  type MemberRow,
  type Membership,
  type OutboxRow,
  type ReceiptRow,
  type RoomRow,
  type StateRow,
  type Store,
  type TimelineRow,
} from './store/store.ts'

/** What an increment is compared with. */
export interface Known {
  readonly store: Store
  readonly ownUserId: UserId
  /** The token that the increment starts from; nothing for a full sync. */
  readonly token: string | undefined
  readonly rooms: ReadonlyMap<RoomId, RoomRow>
  readonly outbox: ReadonlyMap<string, OutboxRow>
  /** Milliseconds since 1970, to tell clocks that run ahead. */
  readonly now: number
}

/** What an increment does to one room. */
export interface PreparedRoom {
  readonly row: RoomRow
  /** State, members and receipts arrive anew. */
  readonly reset: boolean
  readonly state: readonly StateRow[]
  readonly members: readonly MemberRow[]
  readonly receipts: readonly ReceiptRow[]
  readonly timeline: readonly TimelineRow[]
  readonly accountData: readonly AccountDataRow[]
  readonly removedOutbox: readonly string[]
  /** Who is typing now, where that has changed. */
  readonly typing: readonly UserId[] | undefined
}

/**
 * A room that the user is in. Reads the store, writes nothing.
 *
 * 1. New events get their places.
 * 2. State is applied: that of `state_after` alone where there is one, else that of `state` and of the timeline.
 * 3. Redactions cut what they are about, in this answer and in the store.
 * 4. What the list of rooms shows is brought up to date.
 */
export async function prepareJoined(known: Known, roomId: RoomId, room: JoinedRoom): Promise<PreparedRoom> {
  const before = known.rooms.get(roomId) ?? newRoomRow(roomId)
  const reset = before.membership !== 'join' || known.token === undefined
  const placed = await placeTimeline(known.store, before, !reset, room.timeline ?? { events: [] })

  const {
    row: withState,
    state,
    members,
  } = applyAll({ ...(reset ? withoutFacts(before) : before), membership: 'join' }, stateOf(room))
  const cut = await applyRedactions(known.store, withState, placed)

  const receipts = receiptsIn(roomId, room.ephemeral?.events ?? [])
  const withRead = readBy(cut.row, receipts.find((receipt) => receipt.userId === known.ownUserId)?.eventId)
  const counted = countUnread(withRead, room, placed.fresh, known.ownUserId)
  const summed = await applySummary(known.store, counted, room, members)
  const row = await applyTimeline(known, summed, placed, members, reset)
  return {
    row,
    reset,
    state: [...state, ...cut.state],
    members,
    receipts: receipts.filter((receipt) => receipt.userId !== known.ownUserId),
    timeline: cut.timeline,
    accountData: accountDataOf(roomId, room.account_data?.events),
    removedOutbox: confirmed(known, roomId, placed, placed.hasGap),
    typing: typingIn(room.ephemeral?.events ?? [])?.filter((userId) => userId !== known.ownUserId),
  }
}

/** A room that the user has left or was removed from; one that was never known here stays unknown. */
export async function prepareLeft(known: Known, roomId: RoomId, room: LeftRoom): Promise<PreparedRoom | undefined> {
  const before = known.rooms.get(roomId)
  if (!before) return undefined
  const placed = await placeTimeline(known.store, before, before.membership === 'join', room.timeline ?? { events: [] })
  const { row, state, members } = applyAll(before, stateOf(room))
  const own = members.findLast((member) => member.userId === known.ownUserId)?.membership
  const left: RoomRow = {
    ...row,
    membership: own === 'ban' ? 'ban' : 'leave',
    unreadCount: 0,
    highlightCount: 0,
    pendingReceipt: undefined,
  }
  return {
    row: await applyTimeline(known, left, placed, members, false),
    reset: false,
    state,
    members,
    receipts: [],
    timeline: placed.rows,
    accountData: accountDataOf(roomId, room.account_data?.events),
    removedOutbox: confirmed(known, roomId, placed, true),
    typing: [],
  }
}

/** A room that the user was invited to or knocked on, seen from outside. */
export function prepareOutside(
  known: Known,
  roomId: RoomId,
  membership: Membership,
  events: NonNullable<InvitedRoom['invite_state']>['events'] = [],
): PreparedRoom {
  const before = known.rooms.get(roomId) ?? newRoomRow(roomId)
  const { row, state, members } = applyAll(withoutFacts(before), events)
  const own = events.findLast((event) => event.type === 'm.room.member' && event.state_key === known.ownUserId)
  const inviter = membership === 'invite' ? own?.sender : undefined
  const others = members.filter((member) => member.userId !== known.ownUserId)
  // Who invites is there, even where nothing more is said of that person.
  const heroes = others.length === 0 && inviter !== undefined ? [{ userId: inviter }] : others.map(heroOf)
  const outside: RoomRow = {
    ...row,
    membership,
    heroes,
    joinedCount: heroes.length,
    invitedCount: 1,
    inviter,
    invitedDirectly: own?.content['is_direct'] === true,
    // Stripped state says no time: an invite is as old as its arrival.
    lastActivityTs: before.membership === membership ? before.lastActivityTs : known.now,
  }
  return {
    row: outside,
    reset: true,
    state,
    members,
    receipts: [],
    timeline: [],
    accountData: [],
    removedOutbox: [],
    typing: [],
  }
}

function stateOf(room: JoinedRoom | LeftRoom): readonly SyncEvent[] {
  const after = room.state_after ?? room['org.matrix.msc4222.state_after']
  if (after) return after.events ?? []
  const inTimeline = room.timeline?.events.filter((event) => event.state_key !== undefined) ?? []
  return [...(room.state?.events ?? []), ...inTimeline]
}

interface Applied {
  readonly row: RoomRow
  readonly state: readonly StateRow[]
  readonly members: readonly MemberRow[]
}

function applyAll(row: RoomRow, events: readonly (SyncEvent | StrippedStateEvent)[]): Applied {
  const { roomId } = row
  return {
    row: events.reduce<RoomRow>(applyState, row),
    state: events.flatMap((event) => stateRowOf(roomId, event) ?? []),
    members: events.flatMap((event) => memberRowOf(roomId, event) ?? []),
  }
}

/** A receipt of the user's own, from any device. */
const readBy = (row: RoomRow, eventId: EventId | undefined): RoomRow =>
  eventId === undefined ? row : { ...row, readEventId: eventId }

/**
 * The node counts. While it has not confirmed a receipt of this device, its counts are too high: then only what has arrived since counts.
 */
function countUnread(row: RoomRow, room: JoinedRoom, fresh: readonly SyncEvent[], ownUserId: UserId): RoomRow {
  const counts = room.unread_notifications
  if (!counts) return row
  const unread = counts.notification_count ?? 0
  const highlights = counts.highlight_count ?? 0
  if (!row.pendingReceipt) return { ...row, unreadCount: unread, highlightCount: highlights }
  const arrived = fresh.filter((event) => isMessage(event.type) && event.sender !== ownUserId).length
  return {
    ...row,
    unreadCount: Math.min(unread, row.unreadCount + arrived),
    highlightCount: Math.min(highlights, row.highlightCount + arrived),
  }
}

/** Counts and heroes; what the answer leaves out has not changed. */
async function applySummary(
  store: Store,
  row: RoomRow,
  room: JoinedRoom,
  members: readonly MemberRow[],
): Promise<RoomRow> {
  const summary = room.summary ?? {}
  const heroIds = summary['m.heroes'] ?? row.heroes.map((hero) => hero.userId)
  return {
    ...row,
    heroes: await heroesOf(store, row, heroIds, members),
    joinedCount: summary['m.joined_member_count'] ?? row.joinedCount,
    invitedCount: summary['m.invited_member_count'] ?? row.invitedCount,
  }
}

async function heroesOf(
  store: Store,
  row: RoomRow,
  ids: readonly UserId[],
  members: readonly MemberRow[],
): Promise<readonly Hero[]> {
  const found = new Map<UserId, Hero>(row.heroes.map((hero) => [hero.userId, hero]))
  for (const member of members) found.set(member.userId, heroOf(member))
  const missing = ids.filter((id) => !found.has(id))
  if (missing.length > 0)
    for (const member of await store.members(row.roomId, missing)) found.set(member.userId, heroOf(member))
  return ids.map((userId) => found.get(userId) ?? { userId })
}

/** What the new events change in the list of rooms. */
async function applyTimeline(
  known: Known,
  row: RoomRow,
  placed: Placed,
  members: readonly MemberRow[],
  isNew: boolean,
): Promise<RoomRow> {
  const newest = placed.fresh.at(-1)
  const message = placed.fresh.findLast((event) => isMessage(event.type))
  const active = message ?? (isNew && row.lastActivityTs === 0 ? newest : undefined)
  return {
    ...row,
    topOrdinal: placed.topOrdinal,
    newestEventId: newest?.event_id ?? row.newestEventId,
    // After a gap some changes of members may have been left out.
    membersComplete: row.membersComplete && !placed.hasGap,
    lastMessage: message ? await lastMessage(known.store, message, row.roomId, members, placed) : row.lastMessage,
    lastActivityTs: active ? Math.min(active.origin_server_ts, known.now) : row.lastActivityTs,
  }
}

async function lastMessage(
  store: Store,
  event: SyncEvent,
  roomId: RoomId,
  members: readonly MemberRow[],
  placed: Placed,
) {
  const member =
    members.findLast(({ userId }) => userId === event.sender) ?? (await store.members(roomId, [event.sender])).at(0)
  const because = placed.fresh.find((each) => redactionTargetOf(each) === event.event_id)
  return lastMessageOf(
    because ? redactedEvent(event, because, undefined) : event,
    member?.displayName || localpartOf(event.sender),
  )
}

const accountDataOf = (roomId: RoomId, events: readonly PlainEvent[] = []): readonly AccountDataRow[] =>
  events.map(({ type, content }) => ({ roomId, type, content }))

/**
 * The items of the queue that need not wait any more. `all`: those that the node has are in a gap, and show again when it is closed;
 * or nothing will come from this room any more.
 */
function confirmed({ outbox, ownUserId }: Known, roomId: RoomId, { fresh }: Placed, all: boolean): readonly string[] {
  const rows = [...outbox.values()].filter((row) => row.roomId === roomId)
  const gone = all ? rows.filter((row) => row.status === 'sent').map((row) => row.txnId) : []
  return [...new Set([...confirmedBy(rows, ownUserId, fresh), ...gone])]
}

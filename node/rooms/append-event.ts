import { MatrixError, notFound } from '#spec/errors.ts'
import type { EventId, RoomId, UserId } from '#spec/ids.ts'
import { AuthFailure, checkAuth, checkAuthEvents } from '#spec/room/auth.ts'
import { buildEvent, encodeEvent, signEvent, type EventDraft } from '#spec/room/build.ts'
import { membershipOf, redactionTargetOf } from '#spec/room/content.ts'
import { redactEvent, type RoomEvent } from '#spec/room/event.ts'
import { authNeeds } from '#spec/room/needs.ts'
import { relationOf, type Relation } from '#spec/room/relation.ts'
import { stateKeyOf } from '#spec/room/resolve/state-map.ts'
import type { RoomVersion } from '#spec/room/versions.ts'
import { roomIdOfCreate } from '#spec/ids.ts'
import { perNode, type Deps } from '#node/deps.ts'
import { write, Withdrawn, type Write } from '#node/stream/commit.ts'
import {
  eventKind,
  layerKind,
  redactionKind,
  roomKind,
  summaryKind,
  transactionKind,
  type EventRow,
  type Transaction,
} from './facts.ts'
import type { InThread } from './relations/store.ts'
import { threadOf } from './relations/thread-of.ts'
import {
  inOrder,
  isCurrent,
  keepRoom,
  newRoom,
  outside,
  readPiece,
  readPieces,
  remember,
  roomOf,
  type Room,
} from './room.ts'
import { addLayer } from './state-layers.ts'
import * as store from './store.ts'
import { isSummarised, summarise } from './summary.ts'
import { checkMaySend } from './suspended.ts'

/** Layers of different starts of a node never share a number, and those of one start count up. */
const layerCountOf = perNode(() => ({ count: 0 }))
const layersPerEpoch = 2 ** 31

/** What to append, in order, and what is stored together with it or not at all. */
export interface Proposal {
  readonly drafts: readonly EventDraft[]
  readonly beside?: readonly Write[] | undefined
}

/** What a door asks of a room while no other event can come between: it reads, checks, and answers with what to append. */
export type Propose = (room: Room) => Promise<readonly EventDraft[] | Proposal> | readonly EventDraft[] | Proposal

/** Events that cannot be stored take those that were built on them along; whoever meets this many in a row is asked to come back. */
const mostTries = 5

/**
 * Appends events to a room: the only way that an event is ever written.
 *
 * 1. In the room's own queue: the door proposes, against the room as it is now.
 * 2. Each event is built on the heads, judged against the state, and signed. Nothing has had an effect yet.
 * 3. The room in memory moves on, so that the next event need not wait for this one to be stored.
 * 4. One append to the log holds the events, state, members, the transaction id, what later slices add, and where the room stands.
 * 5. The answer comes after COMMIT. If the rows fall, so does all that was built on them, and the room is read anew.
 *
 * A door that finds nothing to do may have found it in events that are being stored, so its answer waits for those.
 */
export async function appendEvents(
  deps: Deps,
  roomId: RoomId,
  propose: Propose,
  transaction?: Transaction,
): Promise<readonly EventId[]> {
  for (let tries = 1; tries <= mostTries; tries++) {
    const room = await roomOf(deps, roomId)
    try {
      const { stored, events } = await inOrder(room, async () => {
        if (!isCurrent(deps, room)) throw new Withdrawn('The room was read anew.')
        const proposed = await propose(room)
        return judgeAndAppend(deps, room, 'drafts' in proposed ? proposed : { drafts: proposed }, transaction)
      })
      await stored
      return events.map((event) => event.event_id)
    } catch (error) {
      if (!(error instanceof Withdrawn)) throw error
    }
  }
  throw new MatrixError('M_UNKNOWN', 'Too much goes wrong in this room at the moment. Please try again.', {
    status: 503,
  })
}

/** A room that has been made in memory, and what will store it. */
export interface PreparedRoom {
  readonly room: Room
  readonly writes: readonly Write[]
}

/**
 * Makes a room from the first event on, in memory only. Where the create event is not the room's id (`newId` is given then), the rest is told
 * what the room is called before it is proposed.
 */
export async function prepareNewRoom(
  deps: Deps,
  version: RoomVersion,
  create: EventDraft,
  newId: RoomId | undefined,
  rest: (roomId: RoomId) => Proposal,
): Promise<PreparedRoom> {
  const unsigned = buildEvent(version, create, {
    roomId: newId,
    heads: [],
    authEvents: [],
    originServerTs: momentOfCreation(deps),
  })
  const event = signEvent(version, unsigned, deps.keys.signing, deps.keys.crypto)
  checkAuth(version, event, () => undefined, undefined)
  const room = newRoom(newId ?? roomIdOfCreate(event.event_id), version)
  const first = [...take(deps, room, { event }, undefined), ...(await rowsOfSlices(deps, room, { event }))]
  const { writes } = await judgeAll(deps, room, rest(room.id), undefined, first)
  return { room, writes }
}

/** Makes a room, all of it in one transaction; `beside` is stored with the events. */
export async function appendNewRoom(...made: Parameters<typeof prepareNewRoom>): Promise<RoomId> {
  const [deps] = made
  const { room, writes } = await prepareNewRoom(...made)
  const stored = append(deps, room, writes)
  keepRoom(deps, room)
  await stored
  return room.id
}

const lastCreationOf = perNode(() => ({ at: 0 }))

/** Two rooms that one person makes alike in one millisecond would have the same create event, and so be the same room: no two are made at once. */
function momentOfCreation(deps: Deps): number {
  const last = lastCreationOf(deps)
  last.at = Math.max(deps.clock.now(), last.at + 1)
  return last.at
}

interface Judged {
  readonly writes: readonly Write[]
  readonly events: readonly RoomEvent[]
}

async function judgeAndAppend(
  deps: Deps,
  room: Room,
  proposal: Proposal,
  transaction: Transaction | undefined,
): Promise<{ readonly stored: Promise<unknown>; readonly events: readonly RoomEvent[] }> {
  const { writes, events } = await judgeAll(deps, room, proposal, transaction, [])
  return { stored: writes.length === 0 ? whenStored(room) : append(deps, room, writes), events }
}

/** So many events are judged in one go before others have their turn. */
const mostAtOnce = 50

/** Judges events one after the other, each against the room as those before it leave it. `before` are the rows of what was taken already. */
async function judgeAll(
  deps: Deps,
  room: Room,
  { drafts, beside = [] }: Proposal,
  transaction: Transaction | undefined,
  before: readonly Write[],
): Promise<Judged> {
  const writes: Write[] = [...before]
  const events: RoomEvent[] = []
  let isToldAnew = before.length > 0
  // What was taken before the event that is refused will not be stored, though the room in memory has moved on for it.
  let moved = before.length > 0
  try {
    for (const draft of drafts) {
      const judged = await judge(deps, room, draft)
      const { event } = judged
      const redaction = await redactionOf(deps, room, event)
      moved = true
      writes.push(
        ...take(deps, room, judged, transaction),
        ...redaction.writes,
        ...(await rowsOfSlices(deps, room, judged)),
      )
      events.push(event)
      isToldAnew ||= isSummarised(event) || redaction.ofState
      if (events.length % mostAtOnce === 0) await new Promise<void>((resolve) => deps.clock.soon(resolve))
    }
    if (isToldAnew) writes.push(write(summaryKind, await summarise(deps, room)))
  } catch (error) {
    if (moved) room.broken = true
    throw error
  }
  if (moved) writes.push(write(roomKind, rowOf(room)))
  return { writes: [...writes, ...beside], events }
}

async function whenStored(room: Room): Promise<void> {
  if (!(await room.stored)) throw new Withdrawn('What this was answered from was not stored.')
}

/** The writes of a room go to the log in the order in which its events were judged. */
async function append(deps: Deps, room: Room, writes: readonly Write[]): Promise<void> {
  room.work++
  const fell = () => {
    room.broken = true
  }
  const stored = deps.stream.append(writes, { holds: () => !room.broken, fell })
  room.stored = stored.then(
    () => true,
    () => false,
  )
  try {
    await stored
    for (const { kind, row } of writes) if (kind === eventKind) forgetStoring(room, row as EventRow)
  } finally {
    room.work--
  }
}

function forgetStoring(room: Room, { event }: EventRow): void {
  room.storing.delete(event.event_id)
  room.storingInThreads.delete(event.event_id)
}

interface Judgement {
  readonly event: RoomEvent
  /** The state event that this one replaces. */
  readonly replaced?: RoomEvent | undefined
  readonly relation?: Relation | undefined
  readonly thread?: InThread | undefined
}

/** Builds the event on the heads of the room, judges it against the room's state, and signs it. Throws AuthFailure. */
async function judge(deps: Deps, room: Room, draft: EventDraft): Promise<Judgement> {
  checkMaySend(deps, draft)
  const { version } = room
  const needs = authNeeds(version, draft)
  const asked = draft.state_key === undefined ? needs : [...needs, [draft.type, draft.state_key] as const]
  const pieces = await readPieces(deps, room, [...asked, ['m.room.create', '']])
  const cited = needs.flatMap(([type, key]) => pieces.get(stateKeyOf(type, key)) ?? [])
  const unsigned = buildEvent(version, draft, {
    roomId: room.id,
    heads: room.heads,
    authEvents: cited.map((event) => event.event_id),
    originServerTs: deps.clock.now(),
  })
  const event = signEvent(version, unsigned, deps.keys.signing, deps.keys.crypto)
  const state = (type: string, key: string) => pieces.get(stateKeyOf(type, key))
  try {
    checkAuthEvents(version, event, cited)
    checkAuth(version, event, state, state('m.room.create', ''), deps.keys.crypto)
  } catch (error) {
    // The rule that refuses a stranger would tell that the room exists.
    const isStranger = state('m.room.member', draft.sender) === undefined
    throw error instanceof AuthFailure && isStranger ? outside() : error
  }
  const replaced = draft.state_key === undefined ? undefined : state(draft.type, draft.state_key)
  const relation = relationOf(event)
  return { event, replaced, relation, thread: await threadOf(deps, room, relation) }
}

/** Moves the room in memory on to this event, and answers with the rows to store. */
function take(
  deps: Deps,
  room: Room,
  { event, replaced, relation, thread }: Judgement,
  transaction: Transaction | undefined,
): Write[] {
  const stateBefore = room.layers.layer
  room.heads = [{ event_id: event.event_id, depth: event.depth }]
  if (thread) {
    room.hasThreads = true
    room.storingInThreads.set(event.event_id, thread)
  }
  const row: EventRow = {
    event,
    version: room.version,
    ...encodeEvent(room.version, event),
    stateBefore,
    target: event.type === 'm.room.member' ? (event.state_key as UserId | undefined) : undefined,
    membershipChanged: membershipOf(event) !== membershipOf(replaced),
    transaction,
    relation,
    threadRoot: thread?.root,
  }
  const writes = [write(eventKind, row), ...takeState(deps, room, event)]
  if (transaction)
    writes.push(write(transactionKind, { ...transaction, eventId: event.event_id, createdAt: deps.clock.now() }))
  return writes
}

/** What later slices store with an event. */
async function rowsOfSlices(deps: Deps, room: Room, { event, replaced, thread }: Judgement): Promise<Write[]> {
  const writes: Write[] = []
  const piece = (type: string, stateKey: string) => readPiece(deps, room, type, stateKey)
  const added = { event, version: room.version, replaced, threadRoot: thread?.root, room, piece }
  for (const onEvents of deps.onEvents) writes.push(...(await onEvents(deps, added)))
  return writes
}

function takeState(deps: Deps, room: Room, event: RoomEvent): Write[] {
  if (event.state_key === undefined) return []
  room.storing.set(event.event_id, event)
  remember(deps, room, event)
  room.state.set(stateKeyOf(event.type, event.state_key), event.event_id)
  const layer = deps.stream.epoch * layersPerEpoch + ++layerCountOf(deps).count
  return [write(layerKind, addLayer(room.layers, room.id, layer, [event.type, event.state_key, event.event_id]))]
}

const rowOf = (room: Room) => ({
  roomId: room.id,
  version: room.version.id,
  heads: JSON.stringify(room.heads.map((head) => [head.event_id, head.depth])),
  stateLayer: room.layers.layer,
})

interface Redaction {
  readonly writes: readonly Write[]
  readonly ofState: boolean
}

const noRedaction: Redaction = { writes: [], ofState: false }

/** What a redaction leaves of its target. Whether its sender may redact is asked at the door; a target that nobody knows leaves nothing to do. */
async function redactionOf(deps: Deps, room: Room, event: RoomEvent): Promise<Redaction> {
  const targetId = event.type === 'm.room.redaction' ? redactionTargetOf(room.version, event) : undefined
  if (targetId === undefined) return noRedaction
  const [target] = await store.readRoomEvents(deps.sql, [targetId])
  if (target === undefined || target.room_id !== room.id) throw notFound('There is no such event in this room.')
  const left = redactEvent(room.version, target)
  const ofState = target.state_key !== undefined
  if (ofState) remember(deps, room, left)
  const row = { target: targetId, redactedBy: event.event_id, ...encodeEvent(room.version, left) }
  return { writes: [write(redactionKind, row)], ofState }
}

import { badJson, forbidden, invalidParam, notFound } from '#spec/errors.ts'
import { isEventId, isUserId, type EventId, type RoomId, type UserId } from '#spec/ids.ts'
import { canonicalJson, type JsonObject } from '#spec/json.ts'
import { isLongerThan, maxKeyBytes } from '#spec/limits.ts'
import { actionLevelOf, powerLevelOf } from '#spec/room/auth.ts'
import type { EventDraft } from '#spec/room/build.ts'
import { member } from '#spec/room/content.ts'
import { checkNotSuspended } from '#node/accounts/moderation/account-status.ts'
import { perNode, type Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'
import { checkAliases } from './aliases.ts'
import { appendEvents } from './append-event.ts'
import type { Transaction } from './facts.ts'
import { checkInside } from './membership-in.ts'
import { checkReachable } from './reachable.ts'
import { checkAnnotation, isAnnotation } from './relations/check-annotation.ts'
import { checkRelation } from './relations/check-relation.ts'
import { readPiece, readPieces, type Room } from './room.ts'
import { checkMayDecline } from './server-notices/check-may-decline.ts'
import * as store from './store.ts'
import { delayedScope } from './stored-event.ts'
import { visibleEvents } from './visible-events.ts'
import { stateKeyOf } from '#spec/room/resolve/state-map.ts'

/** What is being sent, and what was sent lately, by transaction: a request that is repeated has the first one's answer. */
const sentOf = perNode(() => new Map<string, Promise<EventId>>())
/** Beyond this many the oldest go: the database remembers them, and refuses to store a second event for them. */
const mostRemembered = 10_000

type Sender = Pick<Identity, 'userId' | 'deviceId'>

/** Sends a message event. The same transaction id from the same device answers with the same event, now or after a restart. */
export const sendMessage = (
  deps: Deps,
  sender: Sender,
  asked: { roomId: RoomId; type: string; content: JsonObject; txnId: string; saidAt?: number | undefined },
): Promise<EventId> =>
  once(deps, sender, `${asked.roomId}/send/${asked.type}`, asked.txnId, (transaction) =>
    send(deps, sender, asked, transaction),
  )

async function send(
  deps: Deps,
  sender: Sender,
  asked: { roomId: RoomId; type: string; content: JsonObject; saidAt?: number | undefined },
  transaction: Transaction,
): Promise<EventId> {
  const { roomId, type, content, saidAt } = asked
  await checkRelation(deps, roomId, asked)
  const redacts = type === 'm.room.redaction' ? targetIn(content) : undefined
  const message = { type, sender: sender.userId, content, saidAt }
  const propose = async (room: Room) => {
    if (redacts) return [{ ...(await redactionOf(deps, room, sender.userId, redacts, content)), saidAt }]
    await checkAnnotation(deps, room, message)
    return [message]
  }
  const isDoubtful = redacts !== undefined || isAnnotation(asked)
  const [eventId] = await appendEvents(deps, roomId, isDoubtful ? propose : () => [message], transaction)
  return eventId!
}

export function targetIn(content: JsonObject): EventId {
  const redacts = member(content, 'redacts')
  if (!isEventId(redacts)) throw badJson('A redaction says in `redacts` which event it is about.')
  return redacts
}

/** Sets a piece of state; one that says the same already stays as it is, and answers for the new one. */
export async function sendState(
  deps: Deps,
  sender: UserId,
  state: { roomId: RoomId; type: string; stateKey: string; content: JsonObject; saidAt?: number | undefined },
  transaction?: Transaction,
): Promise<EventId> {
  const { roomId, type, stateKey, content, saidAt } = state
  await checkState(deps, state)
  let present: EventId | undefined
  const [eventId] = await appendEvents(
    deps,
    roomId,
    async (room) => {
      // Whoever joins, leaves or refuses by this way need not be inside; the rules judge them.
      if (type !== 'm.room.member' || stateKey !== sender) await checkInside(deps, room, sender)
      const piece = await readPiece(deps, room, type, stateKey)
      if (type === 'm.room.member' && content['membership'] === 'leave' && stateKey === sender)
        checkMayDecline(deps, piece)
      if (type === 'm.room.canonical_alias') await checkAliases(deps, roomId, content, piece?.content)
      present =
        piece?.sender === sender && canonicalJson(piece.content) === canonicalJson(content) ? piece.event_id : undefined
      return present === undefined ? [{ type, sender, state_key: stateKey, content, saidAt }] : []
    },
    transaction,
  )
  return present ?? eventId!
}

/** Sends an event that was handed over some time ago: once, however often this is called. */
export const sendDelayed = (
  deps: Deps,
  sender: Sender,
  asked: { roomId: RoomId; type: string; stateKey: string | undefined; content: JsonObject; delayId: string },
): Promise<EventId> =>
  once(deps, sender, delayedScope, asked.delayId, (transaction) => {
    const { stateKey } = asked
    return stateKey === undefined
      ? send(deps, sender, asked, transaction)
      : sendState(deps, sender.userId, { ...asked, stateKey }, transaction)
  })

/** What the auth rules let through from other servers, and no client of ours has a reason to send. */
export async function checkState(
  deps: Deps,
  { type, stateKey, content }: { type: string; stateKey: string; content: JsonObject },
): Promise<void> {
  if (type === 'm.room.create') throw forbidden('A room is created only once.')
  if (type === 'm.room.redaction') throw badJson('A redaction is not a piece of state.')
  if (type !== 'm.room.member') return
  if (!isUserId(stateKey)) throw invalidParam('The state key of a membership is a user id.')
  if (content['membership'] === 'invite') await checkReachable(deps, stateKey)
}

/** Redacts an event: one's own, or with the power to it anybody's. */
export const redactEvent = (
  deps: Deps,
  sender: Identity,
  redaction: { roomId: RoomId; target: EventId; reason: string | undefined; txnId: string },
): Promise<EventId> =>
  once(deps, sender, `${redaction.roomId}/redact/${redaction.target}`, redaction.txnId, async (transaction) => {
    const { roomId, target, reason } = redaction
    const content = reason === undefined ? {} : { reason }
    const propose = async (room: Room) => [await redactionOf(deps, room, sender.userId, target, content)]
    const [eventId] = await appendEvents(deps, roomId, propose, transaction)
    return eventId!
  })

/** Throws unless the sender may redact the target. Where the room version has `redacts` is no matter of the content here. */
async function redactionOf(
  deps: Deps,
  room: Room,
  sender: UserId,
  redacts: EventId,
  { redacts: _redacts, ...content }: JsonObject,
): Promise<EventDraft> {
  await checkInside(deps, room, sender)
  const [found] = await store.readEvents(deps.sql, [redacts])
  const [target] = found?.roomId === room.id ? await visibleEvents(deps, sender, room.id, [found]) : []
  if (target === undefined) throw notFound('There is no such event in this room.')
  if (target.sender !== sender) {
    checkNotSuspended(deps, sender)
    await checkMayRedactOthers(deps, room, sender)
  }
  return { type: 'm.room.redaction', sender, content, redacts }
}

async function checkMayRedactOthers(deps: Deps, room: Room, sender: UserId): Promise<void> {
  const needed = [
    ['m.room.power_levels', ''],
    ['m.room.create', ''],
  ] as const
  const pieces = await readPieces(deps, room, needed)
  const [levels, create] = needed.map(([type, key]) => pieces.get(stateKeyOf(type, key)))
  if (powerLevelOf(room.version, sender, levels, create) < actionLevelOf(room.version, 'redact', levels))
    throw forbidden('Only those with the power to do so may remove what others wrote.')
}

async function once(
  deps: Deps,
  { userId, deviceId }: Sender,
  scope: string,
  txnId: string,
  send: (transaction: Transaction) => Promise<EventId>,
): Promise<EventId> {
  if (isLongerThan(txnId, maxKeyBytes)) throw invalidParam(`A transaction id has at most ${maxKeyBytes} bytes.`)
  const transaction = { userId, deviceId, scope, txnId }
  const sent = sentOf(deps)
  // No part of a request has the character U+0000.
  const key = `${userId}\0${deviceId}\0${scope}\0${txnId}`
  const earlier = sent.get(key)
  if (earlier) return earlier
  const sending = send(transaction).catch((error: unknown) => answerAgain(deps, transaction, error))
  sent.set(key, sending)
  if (sent.size > mostRemembered) sent.delete(sent.keys().next().value!)
  sending.catch(() => sent.delete(key))
  return sending
}

/** A transaction of before a restart is found out when it is refused; whatever the reason was, it has been answered once and is again. */
async function answerAgain(deps: Deps, transaction: Transaction, error: unknown): Promise<EventId> {
  const stored = await store.readTransaction(deps.sql, transaction)
  if (stored === undefined) throw error
  return stored
}

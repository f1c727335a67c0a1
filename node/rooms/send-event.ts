import { forbidden, invalidParam, notFound } from '#spec/errors.ts'
import { isUserId, type EventId, type RoomId, type UserId } from '#spec/ids.ts'
import { canonicalJson, type JsonObject } from '#spec/json.ts'
import { isLongerThan, maxKeyBytes } from '#spec/limits.ts'
import { actionLevelOf, powerLevelOf } from '#spec/room/auth.ts'
import { membershipOf } from '#spec/room/content.ts'
import { perNode, type Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'
import { appendEvents } from './append-event.ts'
import type { Transaction } from './facts.ts'
import { checkReachable } from './reachable.ts'
import { readPiece, readPieces, type Room } from './room.ts'
import * as store from './store.ts'
import { visibleEvents } from './visible-events.ts'
import { stateKeyOf } from '#spec/room/resolve/state-map.ts'

/** What is being sent, and what was sent lately, by transaction: a request that is repeated has the first one's answer. */
const sentOf = perNode(() => new Map<string, Promise<EventId>>())
/** Beyond this many the oldest go: the database remembers them, and refuses to store a second event for them. */
const mostRemembered = 10_000

/** Sends a message event. The same transaction id from the same device answers with the same event, now or after a restart. */
export const sendMessage = (
  deps: Deps,
  sender: Identity,
  message: { roomId: RoomId; type: string; content: JsonObject; txnId: string },
): Promise<EventId> =>
  once(deps, sender, `${message.roomId}/send/${message.type}`, message.txnId, async (transaction) => {
    const { type, content } = message
    if (type === 'm.room.redaction') checkRedactsNothing(content)
    const [eventId] = await appendEvents(
      deps,
      message.roomId,
      () => [{ type, sender: sender.userId, content }],
      transaction,
    )
    return eventId!
  })

/** `PUT /redact` checks who may; the same event sent as a message would pass that by. */
function checkRedactsNothing(content: JsonObject): void {
  if ('redacts' in content) throw invalidParam('Redact an event through the redact endpoint.')
}

/** Sets a piece of state; one that says the same already stays as it is, and answers for the new one. */
export async function sendState(
  deps: Deps,
  sender: UserId,
  state: { roomId: RoomId; type: string; stateKey: string; content: JsonObject },
): Promise<EventId> {
  const { roomId, type, stateKey, content } = state
  if (type === 'm.room.create') throw forbidden('A room is created only once.')
  if (type === 'm.room.member' && content['membership'] === 'invite' && isUserId(stateKey))
    await checkReachable(deps, stateKey)
  let present: EventId | undefined
  const [eventId] = await appendEvents(deps, roomId, async (room) => {
    const piece = await readPiece(deps, room, type, stateKey)
    present =
      piece?.sender === sender && canonicalJson(piece.content) === canonicalJson(content) ? piece.event_id : undefined
    return present === undefined ? [{ type, sender, state_key: stateKey, content }] : []
  })
  return present ?? eventId!
}

/** Redacts an event: one's own, or with the power to it anybody's. */
export const redactEvent = (
  deps: Deps,
  sender: Identity,
  redaction: { roomId: RoomId; target: EventId; reason: string | undefined; txnId: string },
): Promise<EventId> =>
  once(deps, sender, `${redaction.roomId}/redact/${redaction.target}`, redaction.txnId, async (transaction) => {
    const { roomId, target, reason } = redaction
    const propose = async (room: Room) => {
      await checkMayRedact(deps, room, sender.userId, target)
      const content = reason === undefined ? {} : { reason }
      return [{ type: 'm.room.redaction', sender: sender.userId, content, redacts: target }]
    }
    const [eventId] = await appendEvents(deps, roomId, propose, transaction)
    return eventId!
  })

async function checkMayRedact(deps: Deps, room: Room, sender: UserId, targetId: EventId): Promise<void> {
  const [found] = await store.readEvents(deps.sql, [targetId])
  const [target] = found?.roomId === room.id ? await visibleEvents(deps, sender, room.id, [found]) : []
  if (target === undefined) throw notFound('There is no such event in this room.')
  if (target.sender === sender) return
  const needed = [
    ['m.room.power_levels', ''],
    ['m.room.create', ''],
    ['m.room.member', sender],
  ] as const
  const pieces = await readPieces(deps, room, needed)
  const [levels, create, member] = needed.map(([type, key]) => pieces.get(stateKeyOf(type, key)))
  if (membershipOf(member) !== 'join') throw forbidden('You are not in this room.')
  const level = powerLevelOf(room.version, sender, levels, create)
  if (level < actionLevelOf(room.version, 'redact', levels))
    throw forbidden('Only those with the power to do so may remove what others wrote.')
}

async function once(
  deps: Deps,
  { userId, deviceId }: Identity,
  scope: string,
  txnId: string,
  send: (transaction: Transaction) => Promise<EventId>,
): Promise<EventId> {
  if (isLongerThan(txnId, maxKeyBytes)) throw invalidParam(`A transaction id has at most ${maxKeyBytes} bytes.`)
  const transaction = { userId, deviceId, scope, txnId }
  const sent = sentOf(deps)
  const key = JSON.stringify([userId, deviceId, scope, txnId])
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

import { isJsonObject, type JsonObject } from '#spec/json.ts'
import type { Deps } from '#node/deps.ts'
import { tweaksOf, type Notified } from '../notified.ts'
import type { StoredPusher } from './store.ts'

const maxBytes = 65_536
const deadlineMs = 30_000

interface News {
  /** Absent where only the count is told. */
  readonly one: Notified | undefined
  readonly unread: number
  readonly signal: AbortSignal
}

/** Tells a gateway; answers whether it rejects the pushkey. Throws when it does not take the call. Push Gateway API, "POST /_matrix/push/v1/notify". */
export async function callGateway(deps: Deps, pusher: StoredPusher, { one, unread, signal }: News): Promise<boolean> {
  const { url, ...data } = JSON.parse(pusher.data) as JsonObject & { url: string }
  const device = {
    app_id: pusher.appId,
    pushkey: pusher.pushkey,
    pushkey_ts: Math.floor(pusher.setAt / 1_000),
    data,
  }
  const isShort = data['format'] === 'event_id_only'
  const tweaks = one && !isShort ? { tweaks: tweaksOf(one.actions) } : {}
  const notification = {
    ...(one && (isShort ? shortForm(one) : longForm(one, pusher))),
    // A badge goes away by being told of 0.
    counts: { unread },
    devices: [{ ...device, ...tweaks }],
  }
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ notification })
  const answer = await deps.fetch(url, { method: 'POST', headers, body, maxBytes, deadlineMs, signal })
  if (answer.status !== 200) throw new Error(`The push gateway answered ${answer.status}.`)
  return rejectedBy(answer.body).includes(pusher.pushkey)
}

function rejectedBy(body: Buffer): unknown[] {
  let answer: unknown
  try {
    answer = JSON.parse(body.toString())
  } catch (cause) {
    throw new Error('The push gateway answered something else than JSON.', { cause })
  }
  const rejected = isJsonObject(answer) ? answer['rejected'] : undefined
  return Array.isArray(rejected) ? rejected : []
}

const shortForm = ({ event, actions }: Notified) => ({
  event_id: event.eventId,
  room_id: event.roomId,
  prio: priorityOf(event.type, actions),
})

/** Of an encrypted event, the gateway need not even see the ciphertext. */
function longForm({ event, room, actions }: Notified, { userId }: StoredPusher): JsonObject {
  return {
    event_id: event.eventId,
    room_id: event.roomId,
    type: event.type,
    sender: event.sender,
    ...(room.senderName !== null && { sender_display_name: room.senderName }),
    ...(room.name !== null && { room_name: room.name }),
    ...(room.alias !== null && { room_alias: room.alias }),
    ...(event.type === 'm.room.member' && { user_is_target: event.stateKey === userId }),
    prio: priorityOf(event.type, actions),
    ...(event.type !== 'm.room.encrypted' && { content: JSON.parse(event.content) as JsonObject }),
  }
}

/** What makes a sound or stands out should wake the phone; of what is encrypted only the phone can tell. */
function priorityOf(type: string, actions: Notified['actions']): 'high' | 'low' {
  const tweaks = tweaksOf(actions)
  return type === 'm.room.encrypted' || tweaks['highlight'] === true || 'sound' in tweaks ? 'high' : 'low'
}

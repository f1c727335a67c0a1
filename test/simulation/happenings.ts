import { getMessages } from '#spec/api/client/events.ts'
import { actOnDelayedEvent, getDelayedEvents, scheduleDelayedEvent } from '#spec/api/client/delayed-events.ts'
import { updateDevice } from '#spec/api/client/devices.ts'
import { sendToDevice } from '#spec/api/client/to-device.ts'
import { CryptoPerson } from '#node/keys/testing/crypto-person.ts'
import type { Talker } from '#node/sync/testing/talk.ts'

/** Where something happens, and by whose doing. */
export interface Scene {
  readonly people: readonly Talker[]
  /** Every device that reads, those of `people` among them. */
  readonly devices: readonly Talker[]
  /** What was sent to each device, in order. */
  readonly mail: ReadonlyMap<Talker, string[]>
  readonly rooms: string[]
  readonly random: (n: number) => number
  readonly step: number
  readonly passTime: (ms: number) => Promise<void>
}

/** What somebody does. `at` is an event of the room that they can see, `other` anybody. */
interface Doing {
  readonly who: Talker
  readonly other: Talker
  readonly roomId: string
  readonly at: string
  readonly scene: Scene
}

const cryptoOf = new WeakMap<Talker, CryptoPerson>()
/** The keys of a device. */
function crypto(device: Talker): CryptoPerson {
  const found = cryptoOf.get(device) ?? new CryptoPerson(device)
  cryptoOf.set(device, found)
  return found
}

async function upload(device: Talker, body: object): Promise<void> {
  const { status } = await crypto(device).upload(body)
  if (status !== 200) throw new Error(`keys: ${status} `)
}

/** Sends to devices of one person, and notes it in their mail. */
async function sendMail(who: Talker, to: readonly Talker[], name: string, { step, mail }: Scene): Promise<void> {
  const params = { eventType: 'org.example.letter', txnId: `${step}-${name}` }
  await who.do(sendToDevice, { params, body: { messages: { [to[0]!.id]: { [name]: { step } } } } })
  for (const device of to) mail.get(device)?.push(`${who.id} ${step}`)
}

type Happening = (doing: Doing) => Promise<unknown>

/** A call by method and path, for what the other helpers have no name for. Throws what was answered, as they do. */
async function call(who: Talker, method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${who.node.address}/_matrix/client/v3${path}`, {
    method,
    headers: { authorization: `Bearer ${who.person.token}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (response.status !== 200) throw new Error(`${path}: ${response.status} ${text}`)
  return JSON.parse(text) as unknown
}

const id = encodeURIComponent
const relate = (kind: string, eventId: string) => ({ 'm.relates_to': { rel_type: kind, event_id: eventId } })
const oneOf = <T>({ random }: Scene, list: readonly T[]): T => list[random(list.length)]!

async function comeBack(who: Talker, host: Talker, roomId: string): Promise<unknown> {
  if (who !== host) await host.invite(roomId, who)
  return who.join(roomId)
}

/** Everything that people do, by name: the name is printed with what failed. */
export const happenings: Readonly<Record<string, Happening>> = {
  message: ({ who, roomId, scene }) => who.send(roomId, `message ${scene.step}`),
  'another message': ({ who, roomId, scene }) => who.send(roomId, `another ${scene.step}`),
  burst: async ({ who, roomId, scene }) => {
    for (let i = 0; i < 8; i++) await who.send(roomId, `burst ${scene.step}.${i}`)
  },
  mention: ({ who, other, roomId }) => who.send(roomId, 'you', { 'm.mentions': { user_ids: [other.id] } }),
  notice: ({ who, roomId }) => who.send(roomId, 'notice', { msgtype: 'm.notice' }),
  thread: ({ who, roomId, at }) => who.send(roomId, 'in a thread', relate('m.thread', at)),
  'another thread': ({ who, roomId, at }) => who.send(roomId, 'in a thread too', relate('m.thread', at)),
  edit: ({ who, roomId, at, scene }) => {
    const content = { msgtype: 'm.text', body: `edited ${scene.step}` }
    return who.send(roomId, '* edited', { 'm.new_content': content, ...relate('m.replace', at) })
  },
  reaction: ({ who, roomId, at, scene }) =>
    who.sendType(roomId, 'm.reaction', {
      'm.relates_to': { rel_type: 'm.annotation', event_id: at, key: `${scene.step}` },
    }),
  redaction: ({ who, roomId, at }) => who.redact(roomId, at),
  topic: ({ who, roomId, scene }) => who.setState(roomId, 'm.room.topic', { topic: `topic ${scene.step}` }),
  name: ({ who, roomId, scene }) => who.setState(roomId, 'm.room.name', { name: oneOf(scene, ['', 'A', 'B']) }),
  'other state': ({ who, roomId, scene }) =>
    who.setState(roomId, 'org.example.state', { step: scene.step }, `key ${scene.random(3)}`),
  'history visibility': ({ who, roomId, scene }) => {
    const history_visibility = oneOf(scene, ['shared', 'invited', 'joined', 'world_readable'])
    return who.setState(roomId, 'm.room.history_visibility', { history_visibility })
  },
  'join rules': ({ who, roomId, scene }) =>
    who.setState(roomId, 'm.room.join_rules', { join_rule: oneOf(scene, ['public', 'invite', 'knock']) }),
  levels: ({ who, roomId, scene }) =>
    who.setState(roomId, 'm.room.power_levels', { users: {}, invite: 0, events_default: 0, kick: scene.random(2) }),
  join: ({ who, roomId }) => who.join(roomId),
  'join again': ({ who, roomId }) => who.join(roomId),
  leave: ({ who, roomId }) => who.leave(roomId),
  'leave and come back': async ({ who, roomId }) => {
    await who.leave(roomId)
    await who.join(roomId)
  },
  'leave and forget': async ({ who, roomId }) => {
    await who.leave(roomId)
    await who.forget(roomId)
  },
  invite: ({ who, other, roomId }) => who.invite(roomId, other),
  knock: async ({ who, other, roomId }) => {
    if (who === other) return
    await other.setState(roomId, 'm.room.join_rules', { join_rule: 'knock' })
    await who.leave(roomId)
    await call(who, 'POST', `/knock/${id(roomId)}`, { reason: 'please' })
  },
  kick: ({ who, other, roomId }) => who.kick(roomId, other),
  ban: ({ who, other, roomId }) => who.ban(roomId, other),
  'ban and unban': async ({ who, other, roomId }) => {
    if (who === other) return
    await who.ban(roomId, other)
    await who.unban(roomId, other)
  },
  'come back': ({ who, other, roomId }) => comeBack(who, other, roomId),
  'another comes back': ({ who, other, roomId }) => comeBack(other, who, roomId),
  'new room': async ({ who, other, scene }) => {
    if (scene.rooms.length > 6) return who.send(scene.rooms[0]!, 'enough rooms')
    const preset = oneOf(scene, ['public_chat', 'private_chat', 'trusted_private_chat'])
    scene.rooms.push(await who.createRoom({ preset, invite: who === other ? [] : [other.id] }))
  },
  upgrade: async ({ who, roomId, scene }) => {
    const made = (await call(who, 'POST', `/rooms/${id(roomId)}/upgrade`, { new_version: '12' })) as {
      replacement_room: string
    }
    scene.rooms.push(made.replacement_room)
  },
  'account data': ({ who, scene }) => who.setData(`org.example.${scene.random(3)}`, { step: scene.step }),
  'room account data': ({ who, roomId, scene }) => who.setRoomData(roomId, 'org.example.note', { step: scene.step }),
  tag: ({ who, roomId, scene }) => who.setRoomData(roomId, 'm.tag', { tags: { [`u.${scene.random(3)}`]: {} } }),
  ignore: ({ who, other }) =>
    who.setData('m.ignored_user_list', { ignored_users: who === other ? {} : { [other.id]: {} } }),
  'ignore nobody': ({ who }) => who.setData('m.ignored_user_list', { ignored_users: {} }),
  receipt: ({ who, roomId, at }) => who.read(roomId, at),
  'receipt for the main thread': ({ who, roomId, at }) => who.read(roomId, at, { thread_id: 'main' }),
  'receipt for a thread': ({ who, roomId, at }) => who.read(roomId, at, { thread_id: at }),
  'private receipt': ({ who, roomId, at }) => who.read(roomId, at, {}, 'm.read.private'),
  'read markers': ({ who, roomId, at }) => who.readMarkers(roomId, { 'm.fully_read': at, 'm.read': at }),
  typing: ({ who, roomId }) => who.type(roomId, true, 20_000),
  'typing no more': ({ who, roomId }) => who.type(roomId, false),
  'time passes': ({ scene }) => scene.passTime(1_000 + scene.random(40_000)),
  'hours pass': ({ scene }) => scene.passTime(3_600_000),
  'somebody is there': ({ who }) => who.sync({ filter: { room: { rooms: [] } } }),
  presence: ({ who, scene }) => {
    const presence = oneOf(scene, ['online', 'unavailable', 'offline'])
    const status = scene.random(2) === 0 ? { status_msg: `status ${scene.step}` } : {}
    return call(who, 'PUT', `/presence/${id(who.id)}/status`, { presence, ...status })
  },
  'display name': ({ who, scene }) => who.setName(`name ${scene.step}`),
  'push rule': ({ who, roomId, scene }) =>
    call(who, 'PUT', `/pushrules/global/room/${id(roomId)}`, { actions: scene.random(2) === 0 ? [] : ['notify'] }),
  'keyword rule': ({ who }) =>
    call(who, 'PUT', '/pushrules/global/content/word', { pattern: 'you', actions: ['notify'] }),
  'to-device message': ({ who, scene }) => {
    const device = oneOf(scene, scene.devices)
    return sendMail(who, [device], device.person.deviceId, scene)
  },
  'to-device message for all devices': ({ who, other, scene }) => {
    const devices = scene.devices.filter((device) => device.id === other.id)
    return sendMail(who, devices, '*', scene)
  },
  'device keys': ({ scene }) => {
    const device = oneOf(scene, scene.devices)
    return upload(device, { device_keys: crypto(device).deviceKeys() })
  },
  'other device keys': ({ scene }) => {
    const device = oneOf(scene, scene.devices)
    return upload(device, { device_keys: crypto(device).deviceKeys({ 'org.example.step': scene.step }) })
  },
  'one-time keys': ({ scene }) => {
    const device = oneOf(scene, scene.devices)
    const names = [0, 1, 2].map((n) => `${scene.step}x${n}`)
    return upload(device, { one_time_keys: crypto(device).oneTimeKeys(names) })
  },
  'fallback key': ({ scene }) => {
    const device = oneOf(scene, scene.devices)
    const key = crypto(device).oneTimeKey(`fallback ${scene.step}`, { fallback: true })
    return upload(device, { fallback_keys: { [`signed_curve25519:f${scene.step}`]: key } })
  },
  claim: ({ who, scene }) => crypto(who).claim(crypto(oneOf(scene, scene.devices))),
  'another claim': ({ who, scene }) => crypto(who).claim(crypto(oneOf(scene, scene.devices))),
  'name of a device': ({ scene }) => {
    const device = oneOf(scene, scene.devices)
    const params = { deviceId: device.person.deviceId }
    return device.do(updateDevice, { params, body: { display_name: `device ${scene.step}` } })
  },
  'delayed message': ({ who, roomId, scene }) => {
    const params = { roomId, eventType: 'm.room.message', txnId: `delayed-${scene.step}` }
    const content = { msgtype: 'm.text', body: `delayed ${scene.step}` }
    return who.do(scheduleDelayedEvent, { params, body: { delay: 1_000 + scene.random(60_000), content } })
  },
  'delayed state': ({ who, roomId, scene }) => {
    const params = { roomId, eventType: 'org.example.state', txnId: `delayed-${scene.step}` }
    const body = { delay: 1_000 + scene.random(60_000), state_key: 'delayed', content: { step: scene.step } }
    return who.do(scheduleDelayedEvent, { params, body })
  },
  'delayed event acted upon': async ({ who, scene }) => {
    const { scheduled = [] } = await who.do(getDelayedEvents, {})
    const action = oneOf(scene, ['send', 'cancel', 'restart'])
    if (scheduled[0]) await who.do(actOnDelayedEvent, { params: { delayId: scheduled[0].delay_id, action } })
  },
  alias: ({ who, roomId, scene }) =>
    call(who, 'PUT', `/directory/room/${id(`#${scene.step}-${who.person.deviceId}:localhost`)}`, { room_id: roomId }),
}

/** Refusals belong to life in rooms, and so does what is not there. */
const isRefusal = (error: unknown): boolean => /: (400|403|404) /.test(String(error))

/** One thing that happens. Answers with its name, and whether it was allowed. */
export async function happen(scene: Scene): Promise<{ name: string; isDone: boolean }> {
  const { people, rooms, random } = scene
  const names = Object.keys(happenings)
  const name = names[random(names.length)]!
  const [who, other, roomId] = [oneOf(scene, people), oneOf(scene, people), oneOf(scene, rooms)]
  const seen = await who.tryTo(getMessages, { params: { roomId }, query: { dir: 'b', limit: '15' } })
  const events = seen.body.chunk ?? []
  const at = events[random(events.length)]?.event_id ?? '$none'
  try {
    await happenings[name]!({ who, other, roomId, at, scene })
    return { name, isDone: true }
  } catch (error) {
    if (!isRefusal(error)) throw error
    return { name, isDone: false }
  }
}

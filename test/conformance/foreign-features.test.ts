import * as sdk from 'matrix-js-sdk'
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { goodPassword as password, type WorldNode } from '#test/world-node.ts'
import { world, type World } from '#test/world.ts'

/** What Element does with a node once people know each other: everything that is not talk, through matrix-js-sdk. */

const patience = { timeout: 15_000, interval: 30 }

let homes: World
let home: WorldNode
beforeAll(async () => {
  homes = await world()
  home = homes.nodes[0]!
})
afterAll(() => homes.stop())
// Parts of the SDK write to the console, whatever logger they are given.
beforeEach(() => {
  for (const level of ['trace', 'debug', 'info', 'log', 'warn', 'error'] as const)
    vi.spyOn(console, level).mockImplementation(quiet)
})
afterEach(() => void vi.restoreAllMocks())

const quiet = () => undefined
const logger: sdk.ICreateClientOpts['logger'] & object = {
  trace: quiet,
  debug: quiet,
  info: quiet,
  warn: quiet,
  error: quiet,
  getChild: () => logger,
}
const visitor = () => sdk.createClient({ baseUrl: home.baseUrl, logger })
const passwordOf = (user: string) => ({
  type: 'm.login.password' as const,
  identifier: { type: 'm.id.user', user },
  password,
})

async function logIn(user: string): Promise<sdk.MatrixClient> {
  const session = await visitor().loginRequest(passwordOf(user))
  const { user_id: userId, access_token: accessToken, device_id: deviceId } = session
  const client = sdk.createClient({
    baseUrl: home.baseUrl,
    userId,
    accessToken,
    deviceId,
    logger,
    timelineSupport: true,
  })
  onTestFinished(() => client.stopClient())
  await client.startClient({ initialSyncLimit: 10, lazyLoadMembers: true, threadSupport: true })
  await expect.poll(() => client.getSyncState(), patience).toBe(sdk.SyncState.Syncing)
  return client
}

async function newPerson(username: string): Promise<sdk.MatrixClient> {
  await visitor().registerRequest({ username, password, auth: { type: 'm.login.dummy' } })
  return logIn(username)
}

const roomOf = (client: sdk.MatrixClient, roomId: string) => {
  const room = client.getRoom(roomId)
  if (!room) throw new Error(`${client.getUserId()} knows nothing of ${roomId}`)
  return room
}
const membershipOf = (client: sdk.MatrixClient, roomId: string) => client.getRoom(roomId)?.getMyMembership()
const eventIn = (client: sdk.MatrixClient, roomId: string, id: string) => client.getRoom(roomId)?.findEventById(id)

async function pair(prefix: string) {
  const ayse = await newPerson(`${prefix}.ayse`)
  const olga = await newPerson(`${prefix}.olga`)
  const invite = [olga.getSafeUserId()]
  const { room_id: roomId } = await ayse.createRoom({ name: 'Kitchen', preset: sdk.Preset.PrivateChat, invite })
  await expect.poll(() => membershipOf(olga, roomId), patience).toBe('invite')
  await olga.joinRoom(roomId)
  await expect.poll(() => membershipOf(olga, roomId), patience).toBe('join')
  return { ayse, olga, roomId }
}

test('a thread has a summary, replies and a receipt of its own', async () => {
  const { ayse, olga, roomId } = await pair('thread')
  const { event_id: root } = await ayse.sendTextMessage(roomId, 'Who cooks?')
  await expect.poll(() => eventIn(olga, roomId, root), patience).toBeDefined()
  const { event_id: reply } = await ayse.sendTextMessage(roomId, root, 'I could')
  await ayse.sendTextMessage(roomId, root, 'Or you')
  await expect.poll(() => roomOf(olga, roomId).getThread(root)?.length, patience).toBe(2)
  const unread = () => roomOf(olga, roomId).getThreadUnreadNotificationCount(root, sdk.NotificationCountType.Total)
  await expect.poll(unread, patience).toBe(2)
  const thread = roomOf(olga, roomId).getThread(root)!
  await expect.poll(() => thread.events.at(-1)?.getContent()['body'], patience).toBe('Or you')
  await olga.sendReadReceipt(thread.events.at(-1)!)
  await expect.poll(unread, patience).toBe(0)
  expect(eventIn(olga, roomId, reply)?.threadRootId).toBe(root)
  const { chunk } = await olga.createThreadListMessagesRequest(roomId, null)
  expect(chunk.map((event) => event.event_id)).toEqual([root])
})

test('a reaction and an edit are seen, and a reaction is taken back', async () => {
  const { ayse, olga, roomId } = await pair('relation')
  const { event_id: id } = await ayse.sendTextMessage(roomId, 'Sopu')
  const key = '👍'
  const { event_id: reaction } = await olga.sendEvent(roomId, sdk.EventType.Reaction, {
    'm.relates_to': { rel_type: sdk.RelationType.Annotation, event_id: id, key },
  })
  const reactions = async () => (await ayse.fetchRelations(roomId, id, 'm.annotation', 'm.reaction')).chunk.length
  expect(await reactions()).toBe(1)
  await ayse.sendMessage(roomId, {
    msgtype: sdk.MsgType.Text,
    body: '* Soup',
    'm.new_content': { msgtype: sdk.MsgType.Text, body: 'Soup' },
    'm.relates_to': { rel_type: sdk.RelationType.Replace, event_id: id },
  })
  await expect.poll(() => eventIn(olga, roomId, id)?.getContent()['body'], patience).toBe('Soup')
  await olga.redactEvent(roomId, reaction)
  expect(await reactions()).toBe(0)
})

test('a file goes up and comes down, with a thumbnail where it is a picture', async () => {
  const ayse = await newPerson('file.ayse')
  const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
  const bytes = Buffer.from(dot, 'base64')
  const file = new Blob([bytes], { type: 'image/png' })
  const { content_uri: uri } = await ayse.uploadContent(file, { name: 'dot.png', type: 'image/png' })
  const get = (url: string | null) => fetch(url!, { headers: { authorization: `Bearer ${ayse.getAccessToken()}` } })
  const whole = await get(ayse.mxcUrlToHttp(uri, undefined, undefined, undefined, false, true, true))
  expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true)
  const small = await get(ayse.mxcUrlToHttp(uri, 16, 16, 'scale', false, true, true))
  expect([small.status, small.headers.get('content-type')?.startsWith('image/')]).toEqual([200, true])
})

test('what was said is found', async () => {
  const { ayse, olga, roomId } = await pair('search')
  await ayse.sendTextMessage(roomId, 'The recipe is in the blue book')
  const { results } = await olga.searchRoomEvents({ term: 'recipe' })
  expect(results.map(({ context }) => context.getEvent().getContent()['body'])).toEqual([
    'The recipe is in the blue book',
  ])
})

test('a muted room is quiet, and a keyword is loud', async () => {
  const { ayse, olga, roomId } = await pair('rules')
  const count = (type: sdk.NotificationCountType) => roomOf(olga, roomId).getUnreadNotificationCount(type)
  const highlights = () => count(sdk.NotificationCountType.Highlight)
  await olga.addPushRule('global', sdk.PushRuleKind.ContentSpecific, 'cake', {
    pattern: 'cake',
    actions: [sdk.PushRuleActionName.Notify, { set_tweak: sdk.TweakName.Highlight, value: true }],
  })
  await ayse.sendTextMessage(roomId, 'There is cake')
  await expect.poll(highlights, patience).toBe(1)
  const { event_id: last } = await ayse.sendTextMessage(roomId, 'And tea')
  await expect.poll(() => eventIn(olga, roomId, last), patience).toBeDefined()
  await olga.sendReadReceipt(eventIn(olga, roomId, last)!)
  await expect.poll(highlights, patience).toBe(0)
  await olga.setRoomMutePushRule('global', roomId, true)
  const { event_id: unheard } = await ayse.sendTextMessage(roomId, 'Nobody hears this')
  await expect.poll(() => eventIn(olga, roomId, unheard), patience).toBeDefined()
  expect(count(sdk.NotificationCountType.Total)).toBe(0)
})

test('presence, profile fields, account data and tags reach where they should', async () => {
  const { ayse, olga, roomId } = await pair('person')
  await ayse.setPresence({ presence: 'unavailable', status_msg: 'In the garden' })
  expect(await olga.getPresence(ayse.getSafeUserId())).toMatchObject({ status_msg: 'In the garden' })
  expect(await ayse.doesServerSupportExtendedProfiles()).toBe(true)
  await ayse.setExtendedProfileProperty('m.tz', 'Europe/Istanbul')
  expect(await olga.getExtendedProfile(ayse.getSafeUserId())).toMatchObject({ 'm.tz': 'Europe/Istanbul' })
  const phone = await logIn('person.ayse')
  await ayse.setIgnoredUsers(['@rude:one.test'])
  await expect.poll(() => phone.getIgnoredUsers(), patience).toEqual(['@rude:one.test'])
  await ayse.setRoomTag(roomId, 'm.favourite', { order: 0.5 })
  await expect.poll(() => roomOf(phone, roomId).tags['m.favourite'], patience).toEqual({ order: 0.5 })
  await ayse.deleteRoomTag(roomId, 'm.favourite')
  await expect.poll(() => roomOf(phone, roomId).tags['m.favourite'], patience).toBeUndefined()
})

test('a space is walked, a room found by its alias and in the directory, and one is knocked at', async () => {
  const { ayse, olga } = await pair('space')
  const { room_id: space } = await ayse.createRoom({ name: 'Family', creation_content: { type: 'm.space' } })
  const { room_id: child } = await ayse.createRoom({
    name: 'Child',
    preset: sdk.Preset.PublicChat,
    visibility: sdk.Visibility.Public,
  })
  await ayse.sendStateEvent(space, sdk.EventType.SpaceChild, { via: ['one.test'] }, child)
  const { rooms } = await ayse.getRoomHierarchy(space)
  expect(rooms.map(({ room_id }) => room_id)).toEqual([space, child])
  await ayse.createAlias('#child:one.test', child)
  expect(await olga.getRoomIdForAlias('#child:one.test')).toMatchObject({ room_id: child })
  const found = await olga.publicRooms({ filter: { generic_search_term: 'Child' } })
  expect(found.chunk.map(({ room_id }) => room_id)).toEqual([child])
  await olga.joinRoom('#child:one.test')
  await ayse.sendStateEvent(space, sdk.EventType.RoomJoinRules, { join_rule: sdk.JoinRule.Knock }, '')
  await olga.knockRoom(space, { reason: 'It is me' })
  await expect.poll(() => membershipOf(olga, space), patience).toBe('knock')
  await ayse.invite(space, olga.getSafeUserId())
  await expect.poll(() => membershipOf(olga, space), patience).toBe('invite')
})

test('a room is upgraded, and the old one points to the new', async () => {
  const { ayse, olga, roomId } = await pair('upgrade')
  const { replacement_room: next } = await ayse.upgradeRoom(roomId, '12')
  const tombstone = () => roomOf(olga, roomId).currentState.getStateEvents('m.room.tombstone', '')
  await expect.poll(() => tombstone()?.getContent()['replacement_room'], patience).toBe(next)
  await expect.poll(() => roomOf(ayse, next).getCreator(), patience).toBe(ayse.getUserId())
  expect(roomOf(ayse, next).findPredecessor()).toMatchObject({ roomId })
})

test('a delayed event waits, is restarted, and is sent at once when asked', async () => {
  const { ayse, olga, roomId } = await pair('delay')
  const content = { msgtype: sdk.MsgType.Text as const, body: 'Later' }
  const { delay_id: id } = await ayse._unstable_sendDelayedEvent(
    roomId,
    { delay: 60_000 },
    null,
    sdk.EventType.RoomMessage,
    content,
  )
  expect(JSON.stringify(await ayse._unstable_getDelayedEvents())).toContain(id)
  await ayse._unstable_restartScheduledDelayedEvent(id)
  await ayse._unstable_sendScheduledDelayedEvent(id)
  const bodies = () =>
    roomOf(olga, roomId)
      .getLiveTimeline()
      .getEvents()
      .map((event) => event.getContent()['body'])
  await expect.poll(bodies, patience).toContain('Later')
})

test('a device is told something, is named, and is removed with the password', async () => {
  const { ayse } = await pair('device')
  const phone = await logIn('device.ayse')
  const heard: unknown[] = []
  phone.on(sdk.ClientEvent.ToDeviceEvent, (event) => heard.push(event.getContent()))
  const userId = ayse.getSafeUserId()
  const deviceId = phone.getDeviceId()!
  await ayse.sendToDevice('org.example.ping', new Map([[userId, new Map([[deviceId, { n: 1 }]])]]))
  await expect.poll(() => heard, patience).toEqual([{ n: 1 }])
  await ayse.setDeviceDetails(deviceId, { display_name: 'Old phone' })
  const { devices } = await ayse.getDevices()
  expect(devices.find((device) => device.device_id === deviceId)).toMatchObject({ display_name: 'Old phone' })
  phone.stopClient()
  const refusal = await ayse.deleteDevice(deviceId).catch((error: unknown) => error as sdk.MatrixError)
  expect(refusal).toMatchObject({ httpStatus: 401 })
  const { session } = (refusal as sdk.MatrixError).data as { session: string }
  await ayse.deleteDevice(deviceId, { ...passwordOf('device.ayse'), session })
  await expect(phone.whoami()).rejects.toMatchObject({ errcode: 'M_UNKNOWN_TOKEN' })
})

import * as sdk from 'matrix-js-sdk'
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createInvite } from '#spec/extensions/invites/api.ts'
import { goodPassword as password, type WorldNode } from '#test/world-node.ts'
import { world, type World } from '#test/world.ts'

/** What a client of other people's making does with a node: matrix-js-sdk, as Element uses it. */

const patience = { timeout: 10_000, interval: 20 }

let homes: World
let home: WorldNode
beforeAll(async () => {
  homes = await world()
  home = homes.nodes[0]!
})
afterAll(() => homes.stop())
// Parts of the SDK write to the console, whatever logger they are given.
beforeEach(() => {
  const levels = ['trace', 'debug', 'info', 'log', 'warn'] as const
  for (const level of levels) vi.spyOn(console, level).mockImplementation(quiet)
  vi.spyOn(console, 'error').mockImplementation(complain)
})
afterEach(() => {
  vi.restoreAllMocks()
  expect(complaints.splice(0), 'what the SDK complained of').toEqual([])
})

const complaints: string[] = []
const quiet = () => undefined
const complain = (...words: unknown[]) => void complaints.push(words.map(String).join(' '))
const logger: sdk.ICreateClientOpts['logger'] & object = {
  trace: quiet,
  debug: quiet,
  info: quiet,
  warn: quiet,
  error: complain,
  getChild: () => logger,
}

const visitor = (node: WorldNode) => sdk.createClient({ baseUrl: node.baseUrl, logger })

interface Registered {
  readonly stages: readonly string[]
  readonly session: sdk.RegisterResponse
}

/** Registers as the SDK's own interactive authentication does it: the request, then one stage after the other. */
async function register(node: WorldNode, username: string, token?: string): Promise<Registered> {
  const matrixClient = visitor(node)
  const stages: string[] = []
  const auth: sdk.InteractiveAuth<sdk.RegisterResponse> = new sdk.InteractiveAuth<sdk.RegisterResponse>({
    matrixClient,
    supportedStages: token === undefined ? [sdk.AuthType.Dummy] : [sdk.AuthType.RegistrationToken],
    doRequest: (dict) => matrixClient.registerRequest({ username, password, ...(dict && { auth: dict }) }),
    stateUpdated: (stage) => {
      stages.push(stage)
      if (stage === 'm.login.registration_token') void auth.submitAuthDict({ type: stage, token })
    },
    requestEmailToken: () => Promise.reject(new Error('nobody gave an address')),
  })
  return { session: await auth.attemptAuth(), stages }
}

/** Logs in on a new device and follows the node until the test is over. */
async function logIn(node: WorldNode, username: string): Promise<sdk.MatrixClient> {
  const { user_id, access_token, device_id } = await visitor(node).loginRequest({
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: username },
    password,
  })
  const session = { userId: user_id, accessToken: access_token, deviceId: device_id }
  const client = sdk.createClient({ baseUrl: node.baseUrl, ...session, logger, timelineSupport: true })
  onTestFinished(() => client.stopClient())
  await client.startClient({ initialSyncLimit: 5, lazyLoadMembers: true })
  await expect.poll(() => client.getSyncState(), patience).toBe(sdk.SyncState.Syncing)
  return client
}

async function newPerson(username: string): Promise<sdk.MatrixClient> {
  await register(home, username)
  return logIn(home, username)
}

const roomOf = (client: sdk.MatrixClient, roomId: string) => {
  const room = client.getRoom(roomId)
  if (!room) throw new Error(`${client.getUserId()} knows nothing of ${roomId}`)
  return room
}

const bodies = (client: sdk.MatrixClient, roomId: string): unknown[] =>
  (client.getRoom(roomId)?.getLiveTimeline().getEvents() ?? [])
    .filter((event) => event.getType() === 'm.room.message' && !event.status)
    .map((event) => event.getContent()['body'])

/** Two people in a room that the first made. */
async function pair(prefix: string) {
  const ayse = await newPerson(`${prefix}.ayse`)
  const olga = await newPerson(`${prefix}.olga`)
  const { room_id: roomId } = await ayse.createRoom({ name: 'Kitchen', preset: sdk.Preset.PrivateChat })
  await ayse.invite(roomId, olga.getSafeUserId())
  await expect.poll(() => olga.getRoom(roomId)?.getMyMembership(), patience).toBe('invite')
  await olga.joinRoom(roomId)
  await expect.poll(() => roomOf(ayse, roomId).getMember(olga.getSafeUserId())?.membership, patience).toBe('join')
  await expect.poll(() => olga.getRoom(roomId)?.getMyMembership(), patience).toBe('join')
  return { ayse, olga, roomId }
}

test('it registers on an open node with nothing to prove, and finds a taken name taken', async () => {
  expect(await visitor(home).isUsernameAvailable('first')).toBe(true)
  const { session, stages } = await register(home, 'first')
  expect(session.user_id).toBe('@first:one.test')
  expect(stages).toEqual([])
  expect(await visitor(home).isUsernameAvailable('first')).toBe(false)
  await expect(register(home, 'first')).rejects.toMatchObject({ errcode: 'M_USER_IN_USE' })
})

test('it registers by set-up link and by invitation where a node takes nobody else', async () => {
  const other = await world({ settings: { HEARTH_REGISTRATION: 'invite' } })
  onTestFinished(() => other.stop())
  const closed = other.nodes[0]!
  const owner = await register(closed, 'owner', await closed.setupToken())
  expect(owner.stages).toContain('m.login.registration_token')
  const { session } = owner
  const invite = await fetch(closed.baseUrl + createInvite.path, {
    method: 'POST',
    headers: { authorization: `Bearer ${session.access_token}`, 'content-type': 'application/json' },
    body: '{}',
  })
  const { token } = (await invite.json()) as { token: string }
  expect((await register(closed, 'guest', token)).session.user_id).toBe('@guest:one.test')
  await expect(visitor(closed).registerRequest({ username: 'stranger', password })).rejects.toMatchObject({
    httpStatus: 401,
    data: { flows: [{ stages: ['m.login.registration_token'] }] },
  })
})

test('two people meet, and each sees what the other writes', async () => {
  const { ayse, olga, roomId } = await pair('talk')
  expect(roomOf(olga, roomId).name).toBe('Kitchen')
  await ayse.sendTextMessage(roomId, 'Is the soup ready?')
  await expect.poll(() => bodies(olga, roomId), patience).toEqual(['Is the soup ready?'])
  await olga.sendTextMessage(roomId, 'In ten minutes')
  const both = ['Is the soup ready?', 'In ten minutes']
  await expect.poll(() => bodies(ayse, roomId), patience).toEqual(both)
  await expect.poll(() => bodies(olga, roomId), patience).toEqual(both)
})

test('a new device pages back to the very first event', async () => {
  const { ayse, roomId } = await pair('history')
  for (let n = 1; n <= 40; n++) await ayse.sendTextMessage(roomId, `message ${n}`)
  const late = await logIn(home, 'history.olga')
  const room = roomOf(late, roomId)
  expect(bodies(late, roomId).length).toBeLessThan(40)
  const timeline = room.getLiveTimeline()
  while (await late.paginateEventTimeline(timeline, { backwards: true, limit: 15 })) continue
  const events = timeline.getEvents()
  expect(events[0]?.getType()).toBe('m.room.create')
  expect(bodies(late, roomId)).toEqual(Array.from({ length: 40 }, (_, n) => `message ${n + 1}`))
  expect(new Set(events.map((event) => event.getId())).size).toBe(events.length)
})

test('typing is shown and goes', async () => {
  const { ayse, olga, roomId } = await pair('typing')
  const seen = () => roomOf(olga, roomId).getMember(ayse.getSafeUserId())?.typing
  await ayse.sendTyping(roomId, true, 30_000)
  await expect.poll(seen, patience).toBe(true)
  await ayse.sendTyping(roomId, false, 0)
  await expect.poll(seen, patience).toBe(false)
})

test('unread messages are counted until they are read, and the receipt reaches the writer', async () => {
  const { ayse, olga, roomId } = await pair('receipts')
  await ayse.sendTextMessage(roomId, 'one')
  const { event_id: last } = await ayse.sendTextMessage(roomId, 'two')
  const unread = () => roomOf(olga, roomId).getUnreadNotificationCount(sdk.NotificationCountType.Total)
  await expect.poll(() => bodies(olga, roomId), patience).toEqual(['one', 'two'])
  await expect.poll(unread, patience).toBe(2)
  expect(roomOf(ayse, roomId).getUnreadNotificationCount(sdk.NotificationCountType.Total)).toBe(0)
  await olga.sendReadReceipt(roomOf(olga, roomId).findEventById(last)!)
  await expect.poll(unread, patience).toBe(0)
  await expect.poll(() => roomOf(ayse, roomId).hasUserReadEvent(olga.getSafeUserId(), last), patience).toBe(true)
})

test('a deleted message loses its text on both sides', async () => {
  const { ayse, olga, roomId } = await pair('redaction')
  const { event_id: slip } = await ayse.sendTextMessage(roomId, 'the surprise party')
  await expect.poll(() => bodies(olga, roomId), patience).toEqual(['the surprise party'])
  await ayse.redactEvent(roomId, slip)
  const isGone = (client: sdk.MatrixClient) => roomOf(client, roomId).findEventById(slip)?.isRedacted()
  await expect.poll(() => isGone(olga), patience).toBe(true)
  await expect.poll(() => isGone(ayse), patience).toBe(true)
  expect(roomOf(olga, roomId).findEventById(slip)?.getContent()).toEqual({})
})

test('a new display name is in the profile and in the rooms', async () => {
  const { ayse, olga, roomId } = await pair('profile')
  await ayse.setDisplayName('Ayşe Yılmaz')
  expect(await olga.getProfileInfo(ayse.getSafeUserId())).toMatchObject({ displayname: 'Ayşe Yılmaz' })
  const shown = () => roomOf(olga, roomId).getMember(ayse.getSafeUserId())?.name
  await expect.poll(shown, patience).toBe('Ayşe Yılmaz')
})

test('who leaves is out, and who logs out is known no more', async () => {
  const { ayse, olga, roomId } = await pair('leaving')
  await olga.leave(roomId)
  await expect.poll(() => roomOf(ayse, roomId).getMember(olga.getSafeUserId())?.membership, patience).toBe('leave')
  await expect(olga.sendTextMessage(roomId, 'still here?')).rejects.toMatchObject({ errcode: 'M_FORBIDDEN' })
  await olga.logout(true)
  await expect(olga.whoami()).rejects.toMatchObject({ errcode: 'M_UNKNOWN_TOKEN' })
  expect(await ayse.whoami()).toMatchObject({ user_id: ayse.getUserId() })
  const both = [expect.stringContaining('M_FORBIDDEN'), expect.stringContaining('Unable to refresh token')]
  expect(complaints.splice(0)).toEqual(both)
})

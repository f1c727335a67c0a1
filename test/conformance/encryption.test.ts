import * as sdk from 'matrix-js-sdk'
import { CryptoEvent, type CryptoApi } from 'matrix-js-sdk/lib/crypto-api/index.js'
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { goodPassword as password, type WorldNode } from '#test/world-node.ts'
import { world, type World } from '#test/world.ts'

/** End-to-end encryption between clients of other people's making: matrix-js-sdk with the Rust crypto that Element uses. */

const patience = { timeout: 15_000, interval: 50 }
const long = { timeout: 60_000 }

let homes: World
let home: WorldNode
beforeAll(async () => {
  homes = await world()
  home = homes.nodes[0]!
})
afterAll(() => homes.stop())

const quiet = () => undefined
const logger: sdk.ICreateClientOpts['logger'] & object = {
  trace: quiet,
  debug: quiet,
  info: quiet,
  warn: quiet,
  error: quiet,
  getChild: () => logger,
}
// The crypto writes to the console whatever logger it is given.
beforeEach(() => {
  for (const level of ['trace', 'debug', 'info', 'log', 'warn', 'error'] as const)
    vi.spyOn(console, level).mockImplementation(quiet)
})
afterEach(() => void vi.restoreAllMocks())

/** What somebody has written down: the keys of their secret storage. */
type Notebook = Map<string, Uint8Array<ArrayBuffer>>

interface Device {
  readonly client: sdk.MatrixClient
  readonly crypto: CryptoApi
  readonly id: string
}

/** Logs in on a new device whose keys are nowhere but in memory, and follows the node. */
async function logIn(username: string, notebook: Notebook = new Map()): Promise<Device> {
  const session = await sdk.createClient({ baseUrl: home.baseUrl, logger }).loginRequest({
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: username },
    password,
  })
  const { user_id: userId, access_token: accessToken, device_id: deviceId } = session
  const cryptoCallbacks: sdk.ICreateClientOpts['cryptoCallbacks'] = {
    getSecretStorageKey: async ({ keys }) => {
      const id = Object.keys(keys).find((name) => notebook.has(name))
      return id === undefined ? null : [id, notebook.get(id)!]
    },
    cacheSecretStorageKey: (id, _, key) => void notebook.set(id, key as Uint8Array<ArrayBuffer>),
  }
  const client = sdk.createClient({ baseUrl: home.baseUrl, userId, accessToken, deviceId, logger, cryptoCallbacks })
  onTestFinished(() => client.stopClient())
  await client.initRustCrypto({ useIndexedDB: false })
  await client.startClient({ initialSyncLimit: 20 })
  await expect.poll(() => client.getSyncState(), patience).toBe(sdk.SyncState.Syncing)
  return { client, crypto: client.getCrypto()!, id: deviceId }
}

async function newPerson(username: string, notebook?: Notebook): Promise<Device> {
  const auth = { type: 'm.login.dummy' }
  await sdk.createClient({ baseUrl: home.baseUrl, logger }).registerRequest({ username, password, auth })
  return logIn(username, notebook)
}

const userOf = ({ client }: Device) => client.getSafeUserId()

/** A room of two in which everything is encrypted. */
async function roomOfTwo(first: Device, second: Device): Promise<string> {
  const encryption = { type: 'm.room.encryption', state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } }
  const invite = [userOf(second)]
  const options = { preset: sdk.Preset.PrivateChat, invite, initial_state: [encryption] }
  const { room_id: roomId } = await first.client.createRoom(options)
  await expect.poll(() => second.client.getRoom(roomId)?.getMyMembership(), patience).toBe('invite')
  await second.client.joinRoom(roomId)
  const sees = ({ client }: Device, other: Device) => client.getRoom(roomId)?.getMember(userOf(other))?.membership
  await expect.poll(() => [sees(first, second), sees(second, first)], patience).toEqual(['join', 'join'])
  for (const { crypto } of [first, second])
    await expect.poll(() => crypto.isEncryptionEnabledInRoom(roomId), patience).toBe(true)
  return roomId
}

/** The texts that a device can read. */
const readable = ({ client }: Device, roomId: string): unknown[] =>
  (client.getRoom(roomId)?.getLiveTimeline().getEvents() ?? [])
    .filter((event) => event.getType() === 'm.room.message' && event.isEncrypted() && !event.status)
    .map((event) => event.getContent()['body'])

const bootstrap = (crypto: CryptoApi): Promise<void> =>
  crypto.bootstrapCrossSigning({
    authUploadDeviceSigningKeys: async (makeRequest) => void (await makeRequest(null)),
  })

/** Secret storage and a backup of keys, as a client sets them up at the first login. */
async function setUp({ crypto }: Device): Promise<void> {
  await bootstrap(crypto)
  await crypto.bootstrapSecretStorage({
    createSecretStorageKey: () => crypto.createRecoveryKeyFromPassphrase(),
    setupNewSecretStorage: true,
    setupNewKeyBackup: true,
  })
}

test('what two people write each other is read by their devices, and by nobody else', long, async () => {
  const [ayse, olga] = [await newPerson('ayse'), await newPerson('olga')]
  const roomId = await roomOfTwo(ayse, olga)
  await ayse.client.sendTextMessage(roomId, 'the key is under the mat')
  await expect.poll(() => readable(olga, roomId), patience).toEqual(['the key is under the mat'])
  await olga.client.sendTextMessage(roomId, 'I found it')
  await expect.poll(() => readable(ayse, roomId), patience).toEqual(['the key is under the mat', 'I found it'])
  const kept = await home.deps.sql`select content from events where room_id = ${roomId} and type = 'm.room.encrypted'`
  expect(kept).toHaveLength(2)
  expect(JSON.stringify(kept)).not.toMatch(/under the mat|I found it/)

  // A new device is heard of by those who share a room, and gets what is written from then on.
  const tablet = await logIn('olga')
  await expect
    .poll(async () => [...(await ayse.crypto.getUserDeviceInfo([userOf(olga)])).get(userOf(olga))!.keys()], patience)
    .toContain(tablet.id)
  await ayse.client.sendTextMessage(roomId, 'and the cat is fed')
  await expect.poll(() => readable(tablet, roomId), patience).toContain('and the cat is fed')
})

test('cross-signing: a device is signed by its owner, and everybody sees it', long, async () => {
  const [can, eda] = [await newPerson('can'), await newPerson('eda')]
  await roomOfTwo(can, eda)
  await bootstrap(can.crypto)
  expect(await can.crypto.isCrossSigningReady()).toBe(true)
  expect((await can.crypto.getUserVerificationStatus(userOf(can))).isCrossSigningVerified()).toBe(true)
  const seen = async () => (await eda.crypto.getDeviceVerificationStatus(userOf(can), can.id))?.signedByOwner
  await expect.poll(seen, patience).toBe(true)
  // The first keys are free; to replace them takes the password.
  const other = await logIn('can')
  const asked = other.crypto.bootstrapCrossSigning({
    setupNewCrossSigning: true,
    authUploadDeviceSigningKeys: async (makeRequest) => void (await makeRequest(null)),
  })
  await expect(asked).rejects.toMatchObject({ httpStatus: 401, data: { flows: [{ stages: ['m.login.password'] }] } })
})

test('a fresh device restores the keys of what was written before it', long, async () => {
  const notebook: Notebook = new Map()
  const [fay, gus] = [await newPerson('fay', notebook), await newPerson('gus')]
  await setUp(fay)
  const roomId = await roomOfTwo(fay, gus)
  await gus.client.sendTextMessage(roomId, 'remember this')
  await expect.poll(() => readable(fay, roomId), patience).toEqual(['remember this'])
  await fay.client.sendTextMessage(roomId, 'I shall')
  const count = async () =>
    (await fay.client.http.authedRequest<{ count: number }>(sdk.Method.Get, '/room_keys/version')).count
  // The SDK waits for up to ten seconds before it keeps keys, so that not all devices come at once.
  await expect.poll(count, { timeout: 30_000, interval: 200 }).toBe(2)
  fay.client.stopClient()

  const fresh = await logIn('fay', notebook)
  await expect.poll(() => fresh.client.getRoom(roomId)?.getMyMembership(), patience).toBe('join')
  expect(readable(fresh, roomId)).not.toContain('remember this')
  await fresh.crypto.loadSessionBackupPrivateKeyFromSecretStorage()
  expect(await fresh.crypto.restoreKeyBackup()).toMatchObject({ imported: 2, total: 2 })
  await expect.poll(() => readable(fresh, roomId), patience).toEqual(['remember this', 'I shall'])
})

test('a dehydrated device receives what is written while its owner is nowhere', long, async () => {
  const notebook: Notebook = new Map()
  const [hal, ida] = [await newPerson('hal', notebook), await newPerson('ida')]
  await setUp(hal)
  const roomId = await roomOfTwo(hal, ida)
  expect(await hal.crypto.isDehydrationSupported()).toBe(true)
  await hal.crypto.startDehydration()
  const devices = async () => (await ida.crypto.getUserDeviceInfo([userOf(hal)])).get(userOf(hal))?.size
  await expect.poll(devices, patience).toBe(2)
  await hal.client.logout(true)
  await expect.poll(devices, patience).toBe(1)
  await ida.client.sendTextMessage(roomId, 'while you slept')

  const awake = await logIn('hal', notebook)
  expect(await awake.crypto.userHasCrossSigningKeys(userOf(awake), true)).toBe(true)
  await awake.crypto.bootstrapCrossSigning({})
  const restored: unknown[] = []
  awake.client.on(CryptoEvent.RehydrationProgress, (keys: number) => void restored.push(keys))
  await awake.crypto.startDehydration()
  expect(restored.at(-1)).toBe(1)
  await expect.poll(() => readable(awake, roomId), patience).toEqual(['while you slept'])
})

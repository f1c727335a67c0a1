import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as api from '#spec/api/client/key-backup.ts'
import type { Endpoint } from '#spec/endpoint.ts'
import { identifyToken } from '#node/accounts/identify-token.ts'
import { lowerPasswordCost } from '#node/accounts/password.ts'
import { accounts } from '#node/accounts/slice.ts'
import { addPerson, type Person } from '#test/people.ts'
import { serveSlices, type CallInput, type ServedSlices } from '#test/serve-slices.ts'
import { keyBackup } from './slice.ts'

let node: ServedSlices
beforeAll(async () => {
  node = await serveSlices([accounts, keyBackup], {
    identifyToken,
    prepare: (deps) => lowerPasswordCost(deps),
    settings: { HEARTH_REGISTRATION: 'open' },
  })
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const room = '!a:localhost'
const algorithm = 'm.megolm_backup.v1.curve25519-aes-sha2'
const authData = { public_key: 'abc', signatures: {} }
const keyWith = (more: object = {}) => ({
  first_message_index: 1,
  forwarded_count: 0,
  is_verified: false,
  session_data: { ephemeral: 'a', ciphertext: 'b', mac: 'c' },
  ...more,
})

class Keeper {
  readonly person: Person
  constructor(person: Person) {
    this.person = person
  }
  call = <E extends Endpoint>(endpoint: E, input: CallInput = {}) =>
    node.call(endpoint, { token: this.person.token, ...input })
  begin = async () => (await this.call(api.createBackup, { body: { algorithm, auth_data: authData } })).body.version!
  put = (version: string, sessions: object, roomId = room) =>
    this.call(api.putRoomKeysByRoom, { params: { roomId }, query: { version }, body: { sessions } })
  get = (version: string, sessionId: string, roomId = room) =>
    this.call(api.getRoomKeyBySession, { params: { roomId, sessionId }, query: { version } })
  all = async (version: string) => (await this.call(api.getRoomKeys, { query: { version } })).body.rooms as object
  standing = async (version?: string) => {
    const { body } = await (version === undefined
      ? this.call(api.getCurrentBackup)
      : this.call(api.getBackup, { params: { version } }))
    return [body.version, body.etag, body.count]
  }
}
const keeper = async (name: string) => new Keeper(await addPerson(node, name))
const refusal = ({ status, body }: { status: number; body: { errcode?: unknown } }) => `${status} ${body.errcode}`

test('keys are stored and found in three forms, and deleted in three', async () => {
  const ali = await keeper('ali')
  expect(refusal(await ali.call(api.getCurrentBackup))).toBe('404 M_NOT_FOUND')
  const version = await ali.begin()
  const query = { version }
  expect((await ali.call(api.getCurrentBackup)).body).toEqual({
    algorithm,
    auth_data: authData,
    version,
    etag: '0',
    count: 0,
  })
  const one = { params: { roomId: room, sessionId: '1' }, query }
  expect((await ali.call(api.putRoomKeyBySession, { ...one, body: keyWith() })).body).toEqual({ etag: '1', count: 1 })
  expect((await ali.put(version, { 2: keyWith(), 3: keyWith() })).body).toEqual({ etag: '2', count: 3 })
  const rooms = { '!b:localhost': { sessions: { 1: keyWith(), __proto__x: keyWith() } } }
  expect((await ali.call(api.putRoomKeys, { query, body: { rooms } })).body).toEqual({ etag: '3', count: 5 })
  const sessions = { 1: keyWith(), 2: keyWith(), 3: keyWith() }
  expect(await ali.all(version)).toEqual({ [room]: { sessions }, ...rooms })
  expect((await ali.call(api.getRoomKeysByRoom, { params: { roomId: room }, query })).body).toEqual({ sessions })
  expect((await ali.call(api.getRoomKeysByRoom, { params: { roomId: '!c:localhost' }, query })).body).toEqual({
    sessions: {},
  })
  expect((await ali.get(version, '2')).body).toEqual(keyWith())
  expect(refusal(await ali.get(version, '9'))).toBe('404 M_NOT_FOUND')

  expect((await ali.call(api.deleteRoomKeyBySession, one)).body).toEqual({ etag: '4', count: 4 })
  expect((await ali.call(api.deleteRoomKeyBySession, one)).body).toEqual({ etag: '4', count: 4 })
  expect((await ali.call(api.deleteRoomKeysByRoom, { params: { roomId: room }, query })).body).toEqual({
    etag: '5',
    count: 2,
  })
  expect((await ali.call(api.deleteRoomKeys, { query })).body).toEqual({ etag: '6', count: 0 })
  expect(await ali.all(version)).toEqual({})
})

test('keys go into the newest backup only; older ones can be read; a deleted one is gone for ever', async () => {
  const bea = await keeper('bea')
  const first = await bea.begin()
  await bea.put(first, { 1: keyWith() })
  const second = await bea.begin()
  expect(second).not.toBe(first)
  const late = await bea.put(first, { 2: keyWith() })
  expect([refusal(late), (late.body as { current_version?: string }).current_version]).toEqual([
    '403 M_WRONG_ROOM_KEYS_VERSION',
    second,
  ])
  expect(await bea.standing()).toEqual([second, '0', 0])
  expect(await bea.standing(first)).toEqual([first, '1', 1])
  const remove = (version: string) => bea.call(api.deleteBackup, { params: { version } })
  expect((await remove(second)).status).toBe(200)
  expect((await remove(second)).status).toBe(200)
  expect(refusal(await bea.call(api.getBackup, { params: { version: second } }))).toBe('404 M_NOT_FOUND')
  expect(await bea.standing()).toEqual([first, '1', 1])
  const third = await bea.begin()
  expect([first, second]).not.toContain(third)
  for (const version of [first, third]) await remove(version)
  expect(refusal(await bea.put(third, { 1: keyWith() }))).toBe('404 M_NOT_FOUND')
  expect(refusal(await bea.get(first, '1'))).toBe('404 M_NOT_FOUND')
  for (const version of ['77', 'x', '0', '-1', '9'.repeat(40)])
    expect(refusal(await remove(version))).toBe('404 M_NOT_FOUND')
  expect(await node.deps.sql`select 1 from backed_up_keys where user_id = ${bea.person.userId}`).toEqual([])
})

test('only auth_data of a backup changes', async () => {
  const cem = await keeper('cem')
  const version = await cem.begin()
  const update = (body: object) => cem.call(api.updateBackup, { params: { version }, body })
  const changed = { public_key: 'abc', signatures: { [cem.person.userId]: {} } }
  expect((await update({ algorithm, auth_data: changed, version })).status).toBe(200)
  expect((await cem.call(api.getCurrentBackup)).body.auth_data).toEqual(changed)
  expect(refusal(await update({ algorithm: 'other', auth_data: {} }))).toBe('400 M_INVALID_PARAM')
  expect(refusal(await update({ algorithm, auth_data: {}, version: '9' }))).toBe('400 M_INVALID_PARAM')
  expect((await cem.call(api.getCurrentBackup)).body.auth_data).toEqual(changed)
})

test("nobody sees another's", async () => {
  const [dan, eda] = [await keeper('dan'), await keeper('eda')]
  const version = await dan.begin()
  await dan.put(version, { 1: keyWith() })
  expect(refusal(await eda.get(version, '1'))).toBe('404 M_NOT_FOUND')
  await eda.begin()
  expect(await eda.all('1')).toEqual({})
})

test(
  'whatever comes in whatever order, the best key of a session stays, and etag and count tell the truth',
  { timeout: 60_000 },
  async () => {
    const fay = await keeper('fay')
    type Key = { is_verified: boolean; first_message_index: number; forwarded_count: number }
    const isBetter = (a: Key, b: Key) =>
      a.is_verified !== b.is_verified
        ? a.is_verified
        : a.first_message_index !== b.first_message_index
          ? a.first_message_index < b.first_message_index
          : a.forwarded_count < b.forwarded_count
    const key = fc.record({
      is_verified: fc.boolean(),
      first_message_index: fc.nat(2),
      forwarded_count: fc.nat(2),
    })
    const act = fc.dictionary(fc.constantFrom('1', '2', '3'), key, { minKeys: 1, maxKeys: 3 })
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 8 }), async (acts) => {
        const version = await fay.begin()
        const best = new Map<string, Key>()
        let etag = '0'
        for (const sessions of acts) {
          const isChange = Object.entries(sessions).map(([id, one]) => {
            const before = best.get(id)
            const wins = before === undefined || isBetter(one, before)
            if (wins) best.set(id, one)
            return wins
          })
          const withData = Object.entries(sessions).map(([id, one]) => [id, keyWith(one)])
          const { body } = await fay.put(version, Object.fromEntries(withData))
          expect([body.count, body.etag !== etag]).toEqual([best.size, isChange.includes(true)])
          etag = body.etag!
        }
        const sessions = Object.fromEntries([...best].map(([id, one]) => [id, keyWith(one)]))
        expect(await fay.all(version)).toEqual({ [room]: { sessions } })
      }),
      { numRuns: 20 },
    )
  },
)

test('bodies that are none, or too many, are refused', async () => {
  const gus = await keeper('gus')
  const version = await gus.begin()
  for (const bad of [
    { first_message_index: -1 },
    { is_verified: 'yes' },
    { session_data: 'x' },
    { forwarded_count: 0.5 },
  ])
    expect(refusal(await gus.put(version, { 1: keyWith(bad) })), JSON.stringify(bad)).toBe('400 M_BAD_JSON')
  const many = Array.from({ length: 2_001 }, (_, i) => [`${i}`, keyWith()])
  expect(refusal(await gus.put(version, Object.fromEntries(many)))).toBe('400 M_BAD_JSON')
  const half = Object.fromEntries(many.slice(0, 1_500))
  const rooms = { [room]: { sessions: half }, '!b:localhost': { sessions: half } }
  expect(refusal(await gus.call(api.putRoomKeys, { query: { version }, body: { rooms } }))).toBe('413 M_TOO_LARGE')
  expect(await gus.standing()).toEqual([version, '0', 0])
})

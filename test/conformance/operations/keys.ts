import type { JsonObject } from '#spec/json.ts'
import { makeKey, makeKeySet, signAs, type Key } from '#node/keys/testing/crypto-person.ts'
import type { Caller } from '../official-caller.ts'
import { client, passwordOf, textAt, type Scenario, type Scenarios, type Stage } from '../stage.ts'

const algorithms = ['m.olm.v1.curve25519-aes-sha2', 'm.megolm.v1.aes-sha2']

function deviceKeysOf({ userId, deviceId }: Caller, key: Key): JsonObject {
  const keys = { [`ed25519:${deviceId}`]: key.publicKey, [`curve25519:${deviceId}`]: makeKey().publicKey }
  return signAs({ user_id: userId, device_id: deviceId, algorithms, keys }, userId, deviceId, key)
}

function keysOf(who: Caller, key = makeKey()): JsonObject {
  const one = (text: string) => signAs({ key: text }, who.userId, who.deviceId, key)
  return {
    device_keys: deviceKeysOf(who, key),
    one_time_keys: { 'signed_curve25519:AAAA': one('a'), 'signed_curve25519:AAAB': one('b') },
    fallback_keys: { 'signed_curve25519:AAAC': signAs({ key: 'c', fallback: true }, who.userId, who.deviceId, key) },
  }
}

function crossSigningOf({ userId }: Caller) {
  const set = makeKeySet()
  const bare = (usage: keyof typeof set) => ({
    user_id: userId,
    usage: [usage],
    keys: { [`ed25519:${set[usage].publicKey}`]: set[usage].publicKey },
  })
  const signed = (usage: keyof typeof set) => signAs(bare(usage), userId, set.master.publicKey, set.master)
  return {
    set,
    body: {
      master_key: bare('master'),
      self_signing_key: signed('self_signing'),
      user_signing_key: signed('user_signing'),
    },
  }
}

const versions = `${client}/room_keys/version`
const kept = `${client}/room_keys/keys`
const session = { first_message_index: 1, forwarded_count: 0, is_verified: false, session_data: { ciphertext: 'x' } }

/** A backup with one session in it. */
async function backup({ person, act, room }: Stage) {
  const as = await person()
  const roomId = await room(as)
  const auth_data = { public_key: makeKey().publicKey, signatures: {} }
  const body = { algorithm: 'm.megolm_backup.v1.curve25519-aes-sha2', auth_data }
  const version = textAt(await act(`POST ${versions}`, { as, body }), 'version')
  const params = { roomId, sessionId: 'one' }
  await act(`PUT ${kept}/{roomId}/{sessionId}`, { as, params, query: { version }, body: session })
  return { as, body, version, params }
}

/** Three doors into the same backup: all of it, a room, a session. */
const bodiesAt: Record<string, (roomId: string) => object> = {
  '': (roomId) => ({ rooms: { [roomId]: { sessions: { one: session } } } }),
  '/{roomId}': () => ({ sessions: { one: session } }),
  '/{roomId}/{sessionId}': () => session,
}
const keyScenarios = Object.entries(bodiesAt).flatMap(([path, bodyOf]): [string, Scenario][] => [
  [
    `PUT ${kept}${path}`,
    async (stage, call) => {
      const { as, version, params } = await backup(stage)
      const body = bodyOf(params.roomId)
      await call(200, { as, params, query: { version }, body })
      await stage.act(`POST ${versions}`, { as, body: { algorithm: 'm.a', auth_data: {} } })
      await call('403 M_WRONG_ROOM_KEYS_VERSION', { as, params, query: { version }, body })
      await call('404 M_NOT_FOUND', { as: await stage.person(), params, query: { version: '999' }, body })
      await call('400 M_MISSING_PARAM', { as, params, body })
    },
  ],
  [
    `GET ${kept}${path}`,
    async (stage, call) => {
      const { as, version, params } = await backup(stage)
      await call(200, { as, params, query: { version } })
      await call('404 M_NOT_FOUND', { as, params, query: { version: '999' } })
      await call('400 M_MISSING_PARAM', { as, params })
    },
  ],
  [
    `DELETE ${kept}${path}`,
    async (stage, call) => {
      const { as, version, params } = await backup(stage)
      await call(200, { as, params, query: { version } })
      await call('404 M_NOT_FOUND', { as, params, query: { version: '999' } })
      await call('400 M_MISSING_PARAM', { as, params })
    },
  ],
])

/** Keys of devices and people, their backup, and messages to devices. */
export const keys: Scenarios = {
  [`POST ${client}/keys/upload`]: async ({ person, sync }, call) => {
    const as = await person()
    await call(200, { as, body: keysOf(as) })
    await call('400 M_INVALID_PARAM', { as, body: keysOf({ ...as, deviceId: 'OTHER' }) })
    await call('400 M_BAD_JSON', { as, body: { one_time_keys: 1 } })
    await sync(as)
  },
  [`POST ${client}/keys/query`]: async ({ pair, act }, call) => {
    const { ayse: as, mert } = await pair()
    await act(`POST ${client}/keys/upload`, { as: mert, body: keysOf(mert) })
    await act(`POST ${client}/keys/device_signing/upload`, { as: mert, body: crossSigningOf(mert).body })
    await call(200, { as, body: { device_keys: { [mert.userId]: [] } } })
    await call(200, { as: mert, body: { device_keys: { [mert.userId]: [mert.deviceId] } } })
    await call('400 M_BAD_JSON', { as, body: { device_keys: [] } })
  },
  [`POST ${client}/keys/claim`]: async ({ pair, act }, call) => {
    const { ayse: as, mert } = await pair()
    await act(`POST ${client}/keys/upload`, { as: mert, body: keysOf(mert) })
    const body = { one_time_keys: { [mert.userId]: { [mert.deviceId]: 'signed_curve25519' } } }
    for (let claims = 0; claims < 3; claims++) await call(200, { as, body })
    await call('400 M_BAD_JSON', { as, body: { one_time_keys: [] } })
  },
  [`GET ${client}/keys/changes`]: async ({ pair, act, sync }, call) => {
    const { ayse: as, mert } = await pair()
    const from = textAt(await sync(as), 'next_batch')
    await act(`POST ${client}/keys/upload`, { as: mert, body: keysOf(mert) })
    const to = textAt(await sync(as, from), 'next_batch')
    await call(200, { as, query: { from, to } })
    await call('400 M_MISSING_PARAM', { as, query: { from } })
    await call('400 M_INVALID_PARAM', { as, query: { from: 'a', to } })
  },
  [`POST ${client}/keys/device_signing/upload`]: async ({ person }, call) => {
    const as = await person()
    await call(200, { as, body: crossSigningOf(as).body })
    const other = crossSigningOf(as).body
    const flow = await call(401, { as, body: other })
    const auth = { ...passwordOf(as), session: flow['session'] }
    await call(200, { as, body: { ...other, auth } })
    const { self_signing_key } = crossSigningOf(as).body
    await call('400 M_INVALID_SIGNATURE', { as, body: { ...other, self_signing_key } })
  },
  [`POST ${client}/keys/signatures/upload`]: async ({ person, act }, call) => {
    const as = await person()
    const key = makeKey()
    const keysBody = keysOf(as, key)
    await act(`POST ${client}/keys/upload`, { as, body: keysBody })
    const { set, body } = crossSigningOf(as)
    await act(`POST ${client}/keys/device_signing/upload`, { as, body })
    const device = keysBody['device_keys'] as JsonObject
    const signed = signAs(device, as.userId, set.self_signing.publicKey, set.self_signing)
    await call(200, { as, body: { [as.userId]: { [as.deviceId]: signed } } })
    await call(200, { as, body: { [as.userId]: { NONE: signed } } })
  },
  [`POST ${versions}`]: async ({ person }, call) => {
    const as = await person()
    await call(200, { as, body: { algorithm: 'm.a', auth_data: {} } })
    await call('400 M_BAD_JSON', { as, body: { algorithm: 1, auth_data: {} } })
  },
  [`GET ${versions}`]: async (stage, call) => {
    const { as } = await backup(stage)
    await call(200, { as })
    await call('404 M_NOT_FOUND', { as: await stage.person() })
  },
  [`GET ${versions}/{version}`]: async (stage, call) => {
    const { as, version } = await backup(stage)
    await call(200, { as, params: { version } })
    await call('404 M_NOT_FOUND', { as, params: { version: '999' } })
  },
  [`PUT ${versions}/{version}`]: async (stage, call) => {
    const { as, version, body } = await backup(stage)
    await call(200, { as, params: { version }, body: { ...body, version } })
    await call('400 M_INVALID_PARAM', { as, params: { version }, body: { ...body, algorithm: 'm.other' } })
    await call('400 M_INVALID_PARAM', { as, params: { version }, body: { ...body, version: '999' } })
    await call('404 M_NOT_FOUND', { as, params: { version: '999' }, body })
  },
  [`DELETE ${versions}/{version}`]: async (stage, call) => {
    const { as, version } = await backup(stage)
    await call(200, { as, params: { version } })
    await call('404 M_NOT_FOUND', { as, params: { version: '999' } })
  },
  ...Object.fromEntries(keyScenarios),
  [`PUT ${client}/sendToDevice/{eventType}/{txnId}`]: async ({ pair, sync }, call) => {
    const { ayse: as, mert } = await pair()
    const params = { eventType: 'm.dummy', txnId: '1' }
    const { next_batch: since } = await sync(mert)
    await call(200, { as, params, body: { messages: { [mert.userId]: { [mert.deviceId]: {} } } } })
    await call(200, { as, params: { ...params, txnId: '2' }, body: { messages: { [mert.userId]: { '*': {} } } } })
    await call('400 M_BAD_JSON', { as, params: { ...params, txnId: '3' }, body: { messages: [] } })
    await sync(mert, String(since))
  },
}

import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { deleteDevice, updateDevice } from '#spec/api/client/devices.ts'
import * as api from '#spec/api/client/keys.ts'
import { addDevice, addTalker, serveTalk } from '#node/sync/testing/talk.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { CryptoPerson, makeKey, signAs } from './testing/crypto-person.ts'

let node: ServedSlices
beforeAll(async () => {
  node = await serveTalk()
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const person = async (name: string) => new CryptoPerson(await addTalker(node, name))
const another = async (name: string) => new CryptoPerson(await addDevice(node, name))
const refusal = ({ status, body }: { status: number; body: { errcode?: unknown } }) => `${status} ${body.errcode}`

test('a device publishes its keys, and others find them with the name of the device', async () => {
  const [ali, bea] = [await person('ali'), await person('bea')]
  const keys = ali.deviceKeys({ 'org.example.unknown': ['kept'] })
  expect(await ali.upload({ device_keys: keys })).toMatchObject({ status: 200, body: { one_time_key_counts: {} } })
  await ali.talker.do(updateDevice, { params: { deviceId: ali.deviceId }, body: { display_name: 'Phone' } })
  const found = await bea.query([ali.id, '@nobody:localhost', '@far:away.test'])
  expect(found.device_keys).toEqual({
    [ali.id]: { [ali.deviceId]: { ...keys, unsigned: { device_display_name: 'Phone' } } },
    // As somebody without devices: who has an account is not told here.
    '@nobody:localhost': {},
  })
  expect(Object.keys(found.failures!)).toEqual(['away.test'])
  const body = { device_keys: { [ali.id]: ['OTHER'] } }
  expect((await bea.talker.do(api.queryKeys, { body })).device_keys).toEqual({ [ali.id]: {} })
})

test('keys that are not those of this very device, or not signed by it, are refused', async () => {
  const [cem, mallory] = [await person('cem'), await person('mallory')]
  const good = cem.deviceKeys()
  const { signatures: _, ...unsigned } = good
  const renamed = { [`ed25519:OTHER`]: cem.key.publicKey }
  const bad: readonly (readonly [object | null, string])[] = [
    [mallory.deviceKeys(), '400 M_INVALID_PARAM'],
    [cem.deviceKeys({ user_id: mallory.id }), '400 M_INVALID_PARAM'],
    [cem.deviceKeys({ device_id: 'OTHER' }), '400 M_INVALID_PARAM'],
    [cem.deviceKeys({ keys: renamed }), '400 M_INVALID_PARAM'],
    [cem.deviceKeys({ keys: { ...(good['keys'] as object), [`rsa:${cem.deviceId}`]: 'x' } }), '400 M_INVALID_PARAM'],
    [cem.deviceKeys({ keys: { [`ed25519:${cem.deviceId}`]: 'short' } }), '400 M_INVALID_PARAM'],
    [cem.deviceKeys({ keys: {} }), '400 M_INVALID_PARAM'],
    [cem.deviceKeys({ algorithms: Array(21).fill('a') }), '400 M_BAD_JSON'],
    [cem.deviceKeys({ filling: 'x'.repeat(20_000) }), '400 M_BAD_JSON'],
    [{ ...unsigned, signatures: {} }, '400 M_INVALID_SIGNATURE'],
    [{ ...good, algorithms: ['a'] }, '400 M_INVALID_SIGNATURE'],
    [signAs({ ...unsigned }, cem.id, cem.deviceId, makeKey()), '400 M_INVALID_SIGNATURE'],
    [unsigned, '400 M_BAD_JSON'],
    [null, '400 M_BAD_JSON'],
  ]
  for (const [device_keys, expected] of bad)
    expect(refusal(await cem.upload({ device_keys })), JSON.stringify(device_keys)).toBe(expected)
  const tooLarge = await cem.upload({ device_keys: cem.deviceKeys({ filling: 'x'.repeat(1_048_576) }) })
  expect(refusal(tooLarge)).toBe('413 M_TOO_LARGE')
  expect((await mallory.query([cem.id])).device_keys).toEqual({ [cem.id]: {} })
})

test('one-time keys are claimed in the order in which they came, then the fallback key, again and again', async () => {
  const [dan, eda] = [await person('dan'), await person('eda')]
  for (const name of ['b', 'c', 'a']) await dan.upload({ one_time_keys: dan.oneTimeKeys([name]) })
  const fallback_keys = { 'signed_curve25519:f': dan.oneTimeKey('fall', { fallback: true }) }
  expect((await dan.upload({ fallback_keys })).body.one_time_key_counts).toEqual({ signed_curve25519: 3 })
  const supply = async () => {
    const { device_one_time_keys_count, device_unused_fallback_key_types } = await dan.talker.sync()
    return [device_one_time_keys_count, device_unused_fallback_key_types]
  }
  expect(await supply()).toEqual([{ signed_curve25519: 3 }, ['signed_curve25519']])
  const claimed: (string | undefined)[] = []
  for (let i = 0; i < 5; i++) claimed.push(await eda.claimName(dan))
  expect(claimed).toEqual(['b', 'c', 'a', 'f', 'f'].map((name) => `signed_curve25519:${name}`))
  expect(await supply()).toEqual([{ signed_curve25519: 0 }, []])
  await dan.upload({ fallback_keys })
  expect((await supply())[1]).toEqual([])
  await dan.upload({ fallback_keys: { 'signed_curve25519:g': dan.oneTimeKey('new', { fallback: true }) } })
  expect((await supply())[1]).toEqual(['signed_curve25519'])
  expect(await eda.claimName(dan)).toBe('signed_curve25519:g')
})

test('a key that comes again is the same one, and is not given out again; another under its name is refused', async () => {
  const [fay, gus] = [await person('fay'), await person('gus')]
  const one_time_keys = fay.oneTimeKeys(['1', '2'])
  await fay.upload({ one_time_keys })
  expect(await gus.claimName(fay)).toBe('signed_curve25519:1')
  expect(await fay.upload({ one_time_keys })).toMatchObject({
    status: 200,
    body: { one_time_key_counts: { signed_curve25519: 1 } },
  })
  for (const name of ['1', '2'])
    expect(
      refusal(await fay.upload({ one_time_keys: { [`signed_curve25519:${name}`]: fay.oneTimeKey('other') } })),
    ).toBe('400 M_INVALID_PARAM')
  expect(await gus.claimName(fay)).toBe('signed_curve25519:2')
  expect(await gus.claimName(fay)).toBeUndefined()
})

test.each([
  [{ one_time_keys: { signed_curve25519: 'x' } }, '400 M_BAD_JSON'],
  [{ one_time_keys: { 'signed_curve25519:a': 7 } }, '400 M_BAD_JSON'],
  [{ one_time_keys: { 'signed_curve25519:a': { key: 'x' } } }, '400 M_BAD_JSON'],
  [{ one_time_keys: { 'curve25519:a': 'x'.repeat(17_000) } }, '400 M_BAD_JSON'],
  [{ fallback_keys: { 'curve25519:a': 'x', 'curve25519:b': 'y' } }, '400 M_INVALID_PARAM'],
])('one-time keys that are none are refused (%#)', async (body, expected) => {
  const somebody = await another('ali')
  expect(refusal(await somebody.upload(body))).toBe(expected)
})

test('a device has room for so many one-time keys', async () => {
  const hal = await person('hal')
  const names = (from: number) => Array.from({ length: 500 }, (_, i) => `${from + i}`)
  await hal.upload({ one_time_keys: hal.oneTimeKeys(names(0)) })
  await hal.upload({ one_time_keys: hal.oneTimeKeys(names(500)) })
  expect(refusal(await hal.upload({ one_time_keys: hal.oneTimeKeys(['more']) }))).toBe('400 M_INVALID_PARAM')
})

test('whoever claims at once, no key is given to two of them, and none is skipped', { timeout: 60_000 }, async () => {
  const claimers = await Promise.all(['ida', 'jan', 'kim'].map(person))
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 12 }), fc.array(fc.nat(2), { maxLength: 20 }), async (count, turns) => {
      const owner = await another('hal')
      const names = Array.from({ length: count }, (_, i) => `${i}`)
      for (const name of names) await owner.upload({ one_time_keys: owner.oneTimeKeys([name]) })
      const claimed = await Promise.all(turns.map((turn) => claimers[turn]!.claimName(owner)))
      const given = claimed.filter((name) => name !== undefined)
      const expected = names.slice(0, turns.length).map((name) => `signed_curve25519:${name}`)
      expect(given.toSorted()).toEqual(expected.toSorted())
    }),
    { numRuns: 12 },
  )
})

test(
  'claims and uploads at once: a key goes to one at most, though it is uploaded over and over',
  { timeout: 60_000 },
  async () => {
    const [owner, claimer] = [await person('lea'), await person('max')]
    await fc.assert(
      fc.asyncProperty(fc.nat(1_000_000), fc.array(fc.boolean(), { maxLength: 16 }), async (run, acts) => {
        const one_time_keys = owner.oneTimeKeys(['a', 'b', 'c'].map((name) => `${run}-${name}`))
        const results = await Promise.all(
          acts.map(async (isUpload) => {
            if (isUpload) expect((await owner.upload({ one_time_keys })).status).toBe(200)
            return isUpload ? undefined : claimer.claimName(owner)
          }),
        )
        const given = results.filter((name) => name !== undefined)
        expect(new Set(given).size).toBe(given.length)
        while ((await claimer.claimName(owner)) !== undefined) continue
      }),
      { numRuns: 12 },
    )
  },
)

test('a device that has lost its keys begins anew, and one that is deleted takes them with it', async () => {
  const [nil, ole] = [await person('nil'), await person('ole')]
  await nil.upload({ device_keys: nil.deviceKeys(), one_time_keys: nil.oneTimeKeys(['1']) })
  const reset = new CryptoPerson(nil.talker)
  expect((await reset.upload({ device_keys: reset.deviceKeys() })).body.one_time_key_counts).toEqual({
    signed_curve25519: 0,
  })
  expect(await reset.upload({ one_time_keys: reset.oneTimeKeys(['1']) })).toMatchObject({ status: 200 })
  const second = await another('nil')
  await second.upload({ device_keys: second.deviceKeys() })
  const gone = { params: { deviceId: nil.deviceId }, body: { auth: nil.proof() } }
  await second.talker.do(deleteDevice, gone)
  const { device_keys } = await ole.query([nil.id])
  expect(Object.keys(Object.values(device_keys!)[0]!)).toEqual([second.deviceId])
  expect(await ole.claimName(nil)).toBeUndefined()
  for (const table of [node.deps.sql`one_time_keys`, node.deps.sql`device_keys`])
    expect(await node.deps.sql`select 1 from ${table} where device_id = ${nil.deviceId}`).toEqual([])
})

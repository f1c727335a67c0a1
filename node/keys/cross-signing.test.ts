import { afterAll, beforeAll, expect, test } from 'vitest'
import type { JsonObject } from '#spec/json.ts'
import { addDevice, addTalker, serveTalk } from '#node/sync/testing/talk.ts'
import { logInAgain } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { CryptoPerson, makeKey, makeKeySet, signAs } from './testing/crypto-person.ts'

let node: ServedSlices
beforeAll(async () => {
  node = await serveTalk()
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const person = async (name: string) => {
  const one = new CryptoPerson(await addTalker(node, name))
  await one.upload({ device_keys: one.deviceKeys() })
  return one
}
const refusal = ({ status, body }: { status: number; body: { errcode?: unknown } }) => `${status} ${body.errcode}`
const strip = ({ signatures: _, ...rest }: JsonObject) => rest

test('the first keys need no proof, nor do the same again; others do', async () => {
  const ali = await person('ali')
  const [first, second] = [makeKeySet(), makeKeySet()]
  expect((await ali.uploadSigningKeys(ali.crossSigningKeys(first))).status).toBe(200)
  expect((await ali.uploadSigningKeys(ali.crossSigningKeys(first))).status).toBe(200)
  const { self_signing_key } = ali.crossSigningKeys(first)
  expect((await ali.uploadSigningKeys({ self_signing_key })).status).toBe(200)
  const others = ali.crossSigningKeys(second)
  const asked = await ali.uploadSigningKeys(others)
  expect(asked).toMatchObject({ status: 401, body: { flows: [{ stages: ['m.login.password'] }] } })
  expect((await ali.query([ali.id])).master_keys).toEqual({ [ali.id]: ali.crossSigningKey('master', first) })
  const { session } = asked.body
  expect((await ali.uploadSigningKeys({ ...others, auth: { ...ali.proof(), session } })).status).toBe(200)
  const found = await ali.query([ali.id])
  expect(found.master_keys).toEqual({ [ali.id]: others.master_key })
  expect(found.user_signing_keys).toEqual({ [ali.id]: others.user_signing_key })
})

test('the user-signing key is shown to its owner only', async () => {
  const [bea, cem] = [await person('bea'), await person('cem')]
  const keys = bea.crossSigningKeys(makeKeySet())
  await bea.uploadSigningKeys(keys)
  const found = await cem.query([bea.id])
  expect(found.self_signing_keys).toEqual({ [bea.id]: keys.self_signing_key })
  expect(found.user_signing_keys).toEqual({})
})

test('a new master key takes with it what it has not signed', async () => {
  const dan = await person('dan')
  await dan.uploadSigningKeys(dan.crossSigningKeys(makeKeySet()))
  const master_key = dan.crossSigningKey('master', makeKeySet())
  expect((await dan.uploadSigningKeys({ master_key, auth: dan.proof() })).status).toBe(200)
  const found = await dan.query([dan.id])
  expect([found.master_keys, found.self_signing_keys, found.user_signing_keys]).toEqual([
    { [dan.id]: master_key },
    {},
    {},
  ])
})

test('keys that are none, or that the master key has not signed, are refused', async () => {
  const [eda, mallory] = [await person('eda'), await person('mallory')]
  const keys = makeKeySet()
  const { master_key, self_signing_key, user_signing_key } = eda.crossSigningKeys(keys)
  const two = { [`ed25519:${keys.master.publicKey}`]: keys.master.publicKey, 'ed25519:x': 'x' }
  const bad: readonly (readonly [object, string])[] = [
    [{ self_signing_key }, '400 M_MISSING_PARAM'],
    [{ master_key: mallory.crossSigningKey('master', keys) }, '400 M_INVALID_PARAM'],
    [{ master_key: { ...master_key, usage: ['self_signing'] } }, '400 M_INVALID_PARAM'],
    [{ master_key: { ...master_key, keys: { 'ed25519:other': keys.master.publicKey } } }, '400 M_INVALID_PARAM'],
    [{ master_key: { ...master_key, keys: { 'ed25519:abc': 'abc' } } }, '400 M_INVALID_PARAM'],
    [{ master_key: { ...master_key, keys: {} } }, '400 M_INVALID_PARAM'],
    [{ master_key: { ...master_key, keys: two } }, '400 M_BAD_JSON'],
    [{ master_key, self_signing_key: strip(self_signing_key) }, '400 M_INVALID_SIGNATURE'],
    [{ master_key: eda.crossSigningKey('master', makeKeySet()), user_signing_key }, '400 M_INVALID_SIGNATURE'],
    [
      { master_key, self_signing_key: { ...self_signing_key, usage: ['self_signing', 'master'] } },
      '400 M_INVALID_SIGNATURE',
    ],
  ]
  for (const [body, expected] of bad)
    expect(refusal(await eda.uploadSigningKeys(body)), JSON.stringify(body)).toBe(expected)
  expect((await eda.query([eda.id])).master_keys).toEqual({})
})

test('neither a key nor a device is called like the other', async () => {
  const fay = await person('fay')
  const keys = makeKeySet()
  const twin = await logInAgain(node, 'fay', { device_id: keys.master.publicKey })
  expect(twin.deviceId).toBe(keys.master.publicKey)
  expect(refusal(await fay.uploadSigningKeys(fay.crossSigningKeys(keys)))).toBe('403 M_FORBIDDEN')
  const others = makeKeySet()
  await fay.uploadSigningKeys(fay.crossSigningKeys(others))
  const late = await logInAgain(node, 'fay', { device_id: others.self_signing.publicKey })
  const device = new CryptoPerson(Object.assign(await addDevice(node, 'fay'), { person: late }))
  expect(refusal(await device.upload({ device_keys: device.deviceKeys() }))).toBe('400 M_INVALID_PARAM')
})

test('signatures: on own devices, by own devices on the master key, on the master keys of others', async () => {
  const [gus, hal, ida] = [await person('gus'), await person('hal'), await person('ida')]
  const [gusKeys, halKeys] = [makeKeySet(), makeKeySet()]
  await gus.uploadSigningKeys(gus.crossSigningKeys(gusKeys))
  await hal.uploadSigningKeys(hal.crossSigningKeys(halKeys))
  const { master, self_signing, user_signing } = gusKeys
  const device = signAs(strip(gus.deviceKeys()), gus.id, self_signing.publicKey, self_signing)
  const ownMaster = signAs(gus.crossSigningKey('master', gusKeys), gus.id, gus.deviceId, gus.key)
  const halsMaster = signAs(hal.crossSigningKey('master', halKeys), gus.id, user_signing.publicKey, user_signing)
  const failures = await gus.uploadSignatures({
    [gus.id]: { [gus.deviceId]: device, [master.publicKey]: ownMaster },
    [hal.id]: { [halKeys.master.publicKey]: halsMaster },
  })
  expect(failures).toEqual({})
  const signers = (key: unknown, of: string) =>
    Object.keys((key as { signatures: Record<string, object> }).signatures[of] ?? {})
  const seenBy = async (who: CryptoPerson) => {
    const { device_keys, master_keys } = (await who.query([gus.id, hal.id])) as never as {
      device_keys: Record<string, Record<string, object>>
      master_keys: Record<string, { signatures?: object }>
    }
    return {
      device: signers(device_keys[gus.id]![gus.deviceId], gus.id).toSorted(),
      own: signers(master_keys[gus.id], gus.id),
      hals: master_keys[hal.id]!.signatures === undefined ? [] : signers(master_keys[hal.id], gus.id),
    }
  }
  const own = {
    device: [gus.deviceId, self_signing.publicKey].map((name) => `ed25519:${name}`).toSorted(),
    own: [`ed25519:${gus.deviceId}`],
  }
  expect(await seenBy(gus)).toEqual({ ...own, hals: [`ed25519:${user_signing.publicKey}`] })
  expect(await seenBy(ida)).toEqual({ ...own, hals: [] })
})

test('a signature that is wrong costs only itself', async () => {
  const [jan, kim] = [await person('jan'), await person('kim')]
  const [keys, kims] = [makeKeySet(), makeKeySet()]
  await jan.uploadSigningKeys(jan.crossSigningKeys(keys))
  await kim.uploadSigningKeys(kim.crossSigningKeys(kims))
  const good = signAs(jan.crossSigningKey('master', keys), jan.id, jan.deviceId, jan.key)
  const byStranger = signAs(strip(jan.deviceKeys()), jan.id, keys.self_signing.publicKey, makeKey())
  const kimsMaster = kim.crossSigningKey('master', kims)
  const { publicKey } = keys.user_signing
  const changed = signAs({ ...kimsMaster, more: 1 }, jan.id, publicKey, keys.user_signing)
  const failures = (await jan.uploadSignatures({
    [jan.id]: { [keys.master.publicKey]: good, [jan.deviceId]: byStranger, NOSUCH: byStranger },
    [kim.id]: {
      [kims.master.publicKey]: changed,
      [kim.deviceId]: signAs(strip(kim.deviceKeys()), jan.id, publicKey, keys.user_signing),
    },
  })) as Record<string, Record<string, { errcode: string }>>
  const codes = Object.values(failures).flatMap((of) =>
    Object.entries(of).map(([name, { errcode }]) => [name, errcode]),
  )
  expect(Object.fromEntries(codes)).toEqual({
    [jan.deviceId]: 'M_INVALID_SIGNATURE',
    NOSUCH: 'M_NOT_FOUND',
    [kims.master.publicKey]: 'M_INVALID_PARAM',
    [kim.deviceId]: 'M_NOT_FOUND',
  })
  const { master_keys } = await jan.query([jan.id])
  expect(Object.values(master_keys!)[0]!.signatures).toEqual({ [jan.id]: expect.any(Object) })
})

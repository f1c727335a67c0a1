import { afterAll, beforeAll, expect, test } from 'vitest'
import { deleteDevice, updateDevice } from '#spec/api/client/devices.ts'
import { getKeyChanges } from '#spec/api/client/keys.ts'
import { StreamClient } from '#node/sync/testing/stream-client.ts'
import { addDevice, addTalker, serveTalk, type Talker } from '#node/sync/testing/talk.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { CryptoPerson, makeKeySet, signAs } from './testing/crypto-person.ts'

let node: ServedSlices
beforeAll(async () => {
  node = await serveTalk()
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

let count = 0
/** A device with keys, of somebody new. */
async function person(): Promise<CryptoPerson> {
  const one = new CryptoPerson(await addTalker(node, `p${++count}`))
  await one.upload({ device_keys: one.deviceKeys() })
  return one
}

async function roomOf(...people: CryptoPerson[]): Promise<string> {
  const roomId = await people[0]!.talker.createRoom({ preset: 'public_chat' })
  for (const one of people.slice(1)) await one.talker.join(roomId)
  return roomId
}

const tokenOf = async ({ talker }: CryptoPerson) => (await talker.sync()).next_batch
/** What an answer and /keys/changes say; they must say the same. */
async function listsSince({ talker }: CryptoPerson, since: string) {
  const { device_lists, next_batch } = await talker.sync({ since })
  const { changed = [], left = [] } = device_lists ?? {}
  const asked = await talker.do(getKeyChanges, { query: { from: since, to: next_batch } })
  expect(asked).toEqual({ changed, left })
  return { changed: changed.toSorted(), left, next: next_batch }
}

test('whoever shares a room hears of new keys, names, signatures and devices that go; so do own devices; others do not', async () => {
  const [ali, bea, can] = [await person(), await person(), await person()]
  await roomOf(ali, bea)
  const second = new CryptoPerson(await addDevice(node, `p${count - 2}`))
  const keys = makeKeySet()
  const changes: readonly (() => Promise<unknown>)[] = [
    () => second.upload({ device_keys: second.deviceKeys() }),
    () => ali.talker.do(updateDevice, { params: { deviceId: ali.deviceId }, body: { display_name: 'Phone' } }),
    () => ali.uploadSigningKeys(ali.crossSigningKeys(keys)),
    () => {
      const { signatures: _, ...bare } = ali.deviceKeys()
      const signed = signAs(bare, ali.id, keys.self_signing.publicKey, keys.self_signing)
      return ali.uploadSignatures({ [ali.id]: { [ali.deviceId]: signed } })
    },
    () => ali.talker.do(deleteDevice, { params: { deviceId: second.deviceId }, body: { auth: ali.proof() } }),
  ]
  for (const change of changes) {
    const [own, near, far] = [await tokenOf(ali), await tokenOf(bea), await tokenOf(can)]
    const waiting = bea.talker.sync({ since: near, timeout: 10_000, filter: { presence: { types: [] } } })
    await change()
    expect((await waiting).device_lists, String(change)).toEqual({ changed: [ali.id], left: [] })
    expect((await listsSince(ali, own)).changed).toEqual([ali.id])
    expect((await listsSince(can, far)).changed).toEqual([])
  }
  const now = await tokenOf(bea)
  await ali.upload({ device_keys: ali.deviceKeys(), one_time_keys: ali.oneTimeKeys(['1']) })
  expect((await listsSince(bea, now)).changed).toEqual([])
})

test("a signature on somebody's key is news for the signer alone", async () => {
  const [ali, bea] = [await person(), await person()]
  await roomOf(ali, bea)
  const [alis, beas] = [makeKeySet(), makeKeySet()]
  await ali.uploadSigningKeys(ali.crossSigningKeys(alis))
  await bea.uploadSigningKeys(bea.crossSigningKeys(beas))
  const [own, other] = [await tokenOf(ali), await tokenOf(bea)]
  const { publicKey } = alis.user_signing
  const signed = signAs(bea.crossSigningKey('master', beas), ali.id, publicKey, alis.user_signing)
  expect(await ali.uploadSignatures({ [bea.id]: { [beas.master.publicKey]: signed } })).toEqual({})
  expect((await listsSince(ali, own)).changed).toEqual([bea.id])
  expect((await listsSince(bea, other)).changed).toEqual([])
})

test('people who come to share a room are new to each other; those who share none any more are gone', async () => {
  const [ali, bea, can] = [await person(), await person(), await person()]
  const first = await roomOf(ali, can)
  let [a, b] = [await tokenOf(ali), await tokenOf(bea)]
  await bea.talker.join(first)
  let [alis, beas] = [await listsSince(ali, a), await listsSince(bea, b)]
  expect([alis.changed, alis.left]).toEqual([[bea.id], []])
  expect([beas.changed, beas.left]).toEqual([[ali.id, can.id].toSorted(), []])

  const second = await roomOf(ali, bea)
  ;[a, b] = [await tokenOf(ali), await tokenOf(bea)]
  await bea.talker.leave(first)
  ;[alis, beas] = [await listsSince(ali, a), await listsSince(bea, b)]
  expect([alis.changed, alis.left]).toEqual([[], []])
  expect([beas.changed, beas.left]).toEqual([[], [can.id]])

  await bea.talker.leave(second)
  ;[alis, beas] = [await listsSince(ali, alis.next), await listsSince(bea, beas.next)]
  expect([alis.left, beas.left]).toEqual([[bea.id], [ali.id]])

  // Coming and going in between is no news.
  a = alis.next
  await bea.talker.join(second)
  await bea.talker.leave(second)
  expect(await listsSince(ali, a)).toMatchObject({ changed: [], left: [] })
})

test('what happened before a start of the node is told after it, and a change that was not announced is', async () => {
  const [ali, bea] = [await person(), await person()]
  const roomId = await roomOf(ali)
  const since = await tokenOf(ali)
  await bea.talker.join(roomId)
  // As a node leaves it that ends between the change and its announcement.
  await node.deps.sql`insert into unannounced_device_changes (user_id) values (${ali.id})`
  await node.stop()
  node = await serveTalk(node.database)
  const on = (talker: Talker) => Object.assign(talker, { node })
  on(ali.talker)
  expect((await listsSince(ali, since)).changed).toEqual([ali.id, bea.id].toSorted())
  expect(await node.deps.sql`select 1 from unannounced_device_changes`).toEqual([])
})

test('the stream tells of it as well', async () => {
  const [ali, bea] = [await person(), await person()]
  await roomOf(ali, bea)
  await bea.upload({ one_time_keys: bea.oneTimeKeys(['1', '2']) })
  const stream = await StreamClient.start(bea.talker, { since: await tokenOf(bea) })
  const supply = { device_one_time_keys_count: { signed_curve25519: 2 }, device_unused_fallback_key_types: [] }
  expect(await stream.next()).toMatchObject(supply)
  await ali.uploadSigningKeys(ali.crossSigningKeys(makeKeySet()))
  expect(await stream.next()).toMatchObject({ ...supply, device_lists: { changed: [ali.id], left: [] } })
  stream.close()
})

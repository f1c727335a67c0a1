import type { OneTimeKey, uploadKeys as endpoint } from '#spec/api/client/keys.ts'
import { maxKeyObjectBytes } from '#spec/api/client/keys.ts'
import type { BodyOf } from '#spec/endpoint.ts'
import { badJson, invalidParam } from '#spec/errors.ts'
import { canonicalJson, isJsonObject, type JsonObject } from '#spec/json.ts'
import { checkDeviceKeys } from '#spec/keys/device-keys.ts'
import { saysTheSame } from '#spec/keys/cross-signing.ts'
import { isLongerThan } from '#spec/limits.ts'
import type { Tx } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { changingKeys } from './announce.ts'
import * as store from './store.ts'
import { forgetSupply } from './supply.ts'

type Upload = BodyOf<typeof endpoint>

/** Clients keep about fifty; what is beyond this many would never be claimed. */
const mostOneTimeKeys = 1_000

/** Publishes keys of a device; the answer is how many one-time keys are left to claim, by algorithm. */
export async function uploadKeys(deps: Deps, device: store.DeviceOf, upload: Upload): Promise<Record<string, number>> {
  const counts = await changingKeys(deps, async (tx, changed) => {
    if (!(await store.lockDevice(tx, device))) throw invalidParam('This device has been deleted.')
    if (await storeKeys(deps, tx, device, upload)) changed({ userId: device.userId, seenBy: '' })
    return store.countOneTimeKeys(tx, device)
  }).finally(() => forgetSupply(deps, [device]))
  return { signed_curve25519: 0, ...Object.fromEntries(counts) }
}

/** Stores keys of a device that the transaction has locked. True if its identity is another than before. */
export async function storeKeys(deps: Deps, tx: Tx, device: store.DeviceOf, upload: Upload): Promise<boolean> {
  const { device_keys, one_time_keys, fallback_keys } = upload
  const isNew = device_keys !== undefined && (await storeIdentity(deps, tx, device, device_keys as JsonObject))
  if (one_time_keys) await storeOneTimeKeys(tx, device, rowsOf(one_time_keys))
  if (fallback_keys) await storeFallbackKeys(tx, device, rowsOf(fallback_keys))
  return isNew
}

async function storeIdentity(
  deps: Deps,
  tx: Tx,
  device: store.DeviceOf,
  { unsigned: _unsigned, ...keys }: JsonObject,
): Promise<boolean> {
  checkSize(keys)
  checkDeviceKeys(keys, device, deps.keys.crypto)
  const crossSigning = await store.readCrossSigning(tx, [device.userId])
  if (crossSigning.some(({ publicKey }) => publicKey === device.deviceId))
    throw invalidParam('A device cannot be called like a key of cross-signing.')
  const text = await store.readDeviceKeys(tx, device)
  const before = text === undefined ? undefined : (JSON.parse(text) as JsonObject)
  if (before !== undefined && canonicalJson(before) === canonicalJson(keys)) return false
  // A device that has lost its keys begins anew: nothing that was made with the old ones can be used any more.
  if (before !== undefined && !saysTheSame(before, keys))
    await store.deleteWhatDependsOnDevice(tx, device.userId, [device.deviceId])
  await store.upsertDeviceKeys(tx, device, JSON.stringify(keys))
  return true
}

function checkSize(key: OneTimeKey): void {
  if (isLongerThan(JSON.stringify(key), maxKeyObjectBytes))
    throw badJson(`A key object has at most ${maxKeyObjectBytes} bytes.`)
}

function rowsOf(keys: Readonly<Record<string, OneTimeKey>>): store.KeyRow[] {
  return Object.entries(keys).map(([name, key]) => {
    checkSize(key)
    const colon = name.indexOf(':')
    return { algorithm: name.slice(0, colon), keyId: name.slice(colon + 1), key: JSON.stringify(key) }
  })
}

/** A key that comes again is passed over, claimed or not: a client whose upload was not answered sends it once more. */
async function storeOneTimeKeys(tx: Tx, device: store.DeviceOf, keys: readonly store.KeyRow[]): Promise<void> {
  const known = new Map((await store.readOneTimeKeys(tx, device, keys)).map((row) => [nameOf(row), row]))
  for (const row of keys) {
    const before = known.get(nameOf(row))
    if (before && !isSameKey(before.key, row.key))
      throw invalidParam(`There was another one-time key called ${nameOf(row)}.`)
  }
  const fresh = keys.filter((row) => !known.has(nameOf(row)))
  if (fresh.length === 0) return
  await store.insertOneTimeKeys(tx, device, fresh)
  const counts = await store.countOneTimeKeys(tx, device)
  if ([...counts.values()].reduce((sum, count) => sum + count, 0) > mostOneTimeKeys)
    throw invalidParam(`A device has at most ${mostOneTimeKeys} one-time keys.`)
}

async function storeFallbackKeys(tx: Tx, device: store.DeviceOf, keys: readonly store.KeyRow[]): Promise<void> {
  if (new Set(keys.map((row) => row.algorithm)).size < keys.length)
    throw invalidParam('A device has one fallback key of each algorithm.')
  const known = new Map((await store.readFallbackKeys(tx, device)).map((row) => [nameOf(row), row]))
  // The same key again is as used as it was.
  const fresh = keys.filter((row) => !known.has(nameOf(row)) || !isSameKey(known.get(nameOf(row))!.key, row.key))
  if (fresh.length > 0) await store.upsertFallbackKeys(tx, device, fresh)
}

const nameOf = ({ algorithm, keyId }: store.KeyRow): string => `${algorithm}:${keyId}`

/** The same key may be signed anew. */
function isSameKey(a: string, b: string): boolean {
  const [left, right] = [JSON.parse(a) as OneTimeKey, JSON.parse(b) as OneTimeKey]
  return isJsonObject(left) && isJsonObject(right) ? saysTheSame(left, right) : left === right
}

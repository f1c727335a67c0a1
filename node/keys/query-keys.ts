import type { queryKeys as endpoint } from '#spec/api/client/keys.ts'
import type { BodyOf, ResponseOf } from '#spec/endpoint.ts'
import type { UserId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import { signaturesOf } from '#spec/sign.ts'
import type { Deps } from '#node/deps.ts'
import { nested } from './nested.ts'
import { outOfReach } from './out-of-reach.ts'
import * as store from './store.ts'

type Found = ResponseOf<typeof endpoint>

/** The devices of some users and their keys of cross-signing, with the signatures that the reader may see. */
export async function queryKeys(
  deps: Deps,
  reader: UserId,
  { device_keys: asked }: Pick<BodyOf<typeof endpoint>, 'device_keys'>,
): Promise<Found> {
  const { ours, failures } = outOfReach(deps, Object.keys(asked) as UserId[])
  const [devices, keys, signatures] = await Promise.all([
    store.readAllDeviceKeys(deps.sql, ours),
    store.readCrossSigning(deps.sql, ours),
    store.readSignatures(deps.sql, ours, reader),
  ])
  const sign = signer(signatures)
  const isWanted = ({ userId, deviceId }: store.DeviceOf) =>
    asked[userId]!.length === 0 || asked[userId]!.includes(deviceId)
  const describe = ({ userId, deviceId, keys: text, displayName }: store.DeviceKeysRow) => {
    const unsigned = displayName === null ? {} : { device_display_name: displayName }
    return [userId, deviceId, { ...sign(userId, deviceId, JSON.parse(text) as JsonObject), unsigned }] as const
  }
  // Whether there is such a user at all is not told here.
  const withoutDevices = Object.fromEntries(ours.map((userId) => [userId, {}]))
  const keysFor = (usage: store.CrossSigningRow['usage'], users: (userId: UserId) => boolean) =>
    Object.fromEntries(
      keys
        .filter((row) => row.usage === usage && users(row.userId))
        .map((row) => [row.userId, sign(row.userId, row.publicKey, JSON.parse(row.key) as JsonObject)]),
    )
  return {
    failures,
    device_keys: { ...withoutDevices, ...nested(devices.filter(isWanted).map(describe)) },
    master_keys: keysFor('master', () => true),
    self_signing_keys: keysFor('self_signing', () => true),
    user_signing_keys: keysFor('user_signing', (userId) => userId === reader),
  } as Found
}

/** Puts the signatures that came later onto keys. */
function signer(rows: readonly store.SignatureRow[]) {
  const byTarget = Map.groupBy(rows, (row) => `${row.targetUserId} ${row.targetKey}`)
  return (userId: UserId, name: string, key: JsonObject): JsonObject => {
    const added = byTarget.get(`${userId} ${name}`)
    if (added === undefined) return key
    const before = Object.entries(signaturesOf(key)).flatMap(([user, own]) =>
      Object.entries(own).map(([keyId, signature]) => [user, keyId, signature] as const),
    )
    const later = added.map((row) => [row.signer, row.signingKeyId, row.signature] as const)
    return { ...key, signatures: nested([...before, ...later]) }
  }
}

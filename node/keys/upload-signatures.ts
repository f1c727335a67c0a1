import { MatrixError, invalidParam, notFound } from '#spec/errors.ts'
import type { UserId } from '#spec/ids.ts'
import type { SignedObjects } from '#spec/api/client/keys.ts'
import { isJsonObject, type JsonObject } from '#spec/json.ts'
import { isSignedByKey, saysTheSame } from '#spec/keys/cross-signing.ts'
import { signingKeyOf } from '#spec/keys/device-keys.ts'
import { signatureOf, signaturesOf, verifyJson } from '#spec/sign.ts'
import type { Tx } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { changingKeys } from './announce.ts'
import { nested } from './nested.ts'
import * as store from './store.ts'

/** One object that somebody has signed. */
interface Signed {
  readonly owner: UserId
  /** The device id or the public key that it is called by. */
  readonly name: string
  readonly object: JsonObject
}

/** What signatures are checked against: the keys of everybody concerned. */
interface Keys {
  readonly crossSigning: readonly store.CrossSigningRow[]
  /** The signer's own devices. */
  readonly devices: ReadonlyMap<string, JsonObject>
}

/** Keeps signatures. One that cannot be kept costs only itself: the answer says which, and why. */
export async function uploadSignatures(
  deps: Deps,
  signer: UserId,
  body: SignedObjects,
): Promise<Record<string, Record<string, JsonObject>>> {
  const objects = Object.entries(body).flatMap(([owner, named]) =>
    Object.entries(named).map(([name, object]) => ({ owner: owner as UserId, name, object })),
  )
  if (objects.length === 0) return {}
  return changingKeys(deps, async (tx, changed) => {
    await store.lockUser(tx, signer)
    const keys = await readKeys(tx, signer, objects)
    const failures: [string, string, JsonObject][] = []
    const rows = objects.flatMap((signed) => {
      try {
        return signed.owner === signer
          ? ownSignatures(deps, signer, signed, keys)
          : [foreignSignature(deps, signer, signed, keys)]
      } catch (error) {
        if (!(error instanceof MatrixError)) throw error
        failures.push([signed.owner, signed.name, error.body() as JsonObject])
        return []
      }
    })
    const stored = rows.length === 0 ? [] : await store.upsertSignatures(tx, rows)
    for (const userId of new Set(stored.map((row) => row.targetUserId)))
      changed({ userId, seenBy: userId === signer ? '' : signer })
    return nested(failures)
  })
}

async function readKeys(tx: Tx, signer: UserId, objects: readonly Signed[]): Promise<Keys> {
  const users = [...new Set([signer, ...objects.map((signed) => signed.owner)])]
  const crossSigning = await store.readCrossSigning(tx, users)
  const devices = await store.readAllDeviceKeys(tx, [signer])
  return { crossSigning, devices: new Map(devices.map((row) => [row.deviceId, JSON.parse(row.keys) as JsonObject])) }
}

const keyOf = ({ crossSigning }: Keys, userId: UserId, usage: store.CrossSigningRow['usage']) =>
  crossSigning.find((row) => row.userId === userId && row.usage === usage)

const invalid = (message: string) => new MatrixError('M_INVALID_SIGNATURE', message)

/** The self-signing key on a device, or devices on the master key. */
function ownSignatures(deps: Deps, signer: UserId, signed: Signed, keys: Keys): store.SignatureRow[] {
  const device = keys.devices.get(signed.name)
  if (device !== undefined) {
    checkSame(device, signed.object)
    const selfSigning = keyOf(keys, signer, 'self_signing')
    if (selfSigning === undefined) throw invalid('You have no self-signing key.')
    return [signatureBy(deps, signer, selfSigning.publicKey, signed)]
  }
  const master = keyOf(keys, signer, 'master')
  if (master?.publicKey !== signed.name) throw notFound('You have no such device or master key.')
  checkSame(JSON.parse(master.key) as JsonObject, signed.object)
  const rows = Object.keys(signaturesOf(signed.object)[signer] ?? {})
    .filter((keyId) => keyId !== `ed25519:${master.publicKey}`)
    .map((keyId) => deviceSignature(deps, signer, keyId, signed, keys))
  if (rows.length === 0) throw invalid('None of your devices has signed this.')
  return rows
}

function deviceSignature(deps: Deps, signer: UserId, keyId: string, signed: Signed, keys: Keys): store.SignatureRow {
  const deviceId = keyId.slice(keyId.indexOf(':') + 1)
  const device = keys.devices.get(deviceId)
  const publicKey = device && signingKeyOf(device, deviceId)
  if (publicKey === undefined || !verifyJson(signed.object, signer, keyId, publicKey, deps.keys.crypto))
    throw invalid(`The signature of ${keyId} is not one of a device of yours.`)
  return rowOf(signer, keyId, signed)
}

/** The signer's user-signing key on somebody's master key. */
function foreignSignature(deps: Deps, signer: UserId, signed: Signed, keys: Keys): store.SignatureRow {
  const master = keyOf(keys, signed.owner, 'master')
  if (master?.publicKey !== signed.name) throw notFound('This user has no such master key.')
  checkSame(JSON.parse(master.key) as JsonObject, signed.object)
  const userSigning = keyOf(keys, signer, 'user_signing')
  if (userSigning === undefined) throw invalid('You have no user-signing key.')
  return signatureBy(deps, signer, userSigning.publicKey, signed)
}

function signatureBy(deps: Deps, signer: UserId, publicKey: string, signed: Signed): store.SignatureRow {
  if (!isSignedByKey(signed.object, signer, publicKey, deps.keys.crypto))
    throw invalid('This is not signed by the key that it must be signed by.')
  return rowOf(signer, `ed25519:${publicKey}`, signed)
}

const rowOf = (signer: UserId, signingKeyId: string, { owner, name, object }: Signed): store.SignatureRow => ({
  signer,
  signingKeyId,
  targetUserId: owner,
  targetKey: name,
  signature: signatureOf(object, signer, signingKeyId)!,
})

function checkSame(stored: JsonObject, signed: JsonObject): void {
  if (!isJsonObject(signed) || !saysTheSame(stored, signed))
    throw invalidParam('This is not the key as it is known here.')
}

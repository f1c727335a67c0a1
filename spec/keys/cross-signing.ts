import { invalidParam } from '#spec/errors.ts'
import type { UserId } from '#spec/ids.ts'
import { canonicalJson, isJsonObject, type JsonObject } from '#spec/json.ts'
import { verifyJson, type Crypto } from '#spec/sign.ts'
import { publicKeyBytes } from './device-keys.ts'

/** What a key of cross-signing is for. Client-Server API, "Cross-signing". */
export type Usage = 'master' | 'self_signing' | 'user_signing'

/** The public key of an object that has exactly one, under its own name; nothing if it is not such an object. */
export function crossSigningPublicKey(key: JsonObject): string | undefined {
  const { keys } = key
  const entries = isJsonObject(keys) ? Object.entries(keys) : []
  const [name, value] = entries[0] ?? []
  if (entries.length !== 1 || publicKeyBytes(value) === undefined) return undefined
  return name === `ed25519:${value as string}` ? (value as string) : undefined
}

/** The public key of this user for this use. Throws M_INVALID_PARAM if it is not one. */
export function checkCrossSigningKey(key: JsonObject, userId: UserId, usage: Usage): string {
  if (key['user_id'] !== userId) throw invalidParam(`The ${usage} key is of another user.`)
  if (!(key['usage'] as readonly string[]).includes(usage))
    throw invalidParam(`The ${usage} key is meant for other uses.`)
  const publicKey = crossSigningPublicKey(key)
  if (publicKey === undefined) throw invalidParam(`The ${usage} key is not exactly one ed25519 key under its own name.`)
  return publicKey
}

/** True if the object is signed by this key of cross-signing of this user. */
export const isSignedByKey = (
  object: JsonObject,
  signer: UserId,
  publicKey: string,
  crypto: Pick<Crypto, 'verify'>,
): boolean => verifyJson(object, signer, `ed25519:${publicKey}`, publicKeyBytes(publicKey)!, crypto)

/** True if two objects are the same, but for what is not signed. */
export const saysTheSame = (a: JsonObject, b: JsonObject): boolean => covered(a) === covered(b)

const covered = ({ signatures: _signatures, unsigned: _unsigned, ...rest }: JsonObject): string => canonicalJson(rest)

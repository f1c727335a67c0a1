import type { ServerName } from './ids.ts'
import { canonicalJson, isJsonObject, type Json, type JsonObject } from './json.ts'
import { utf8 } from './limits.ts'

/*
 * Base64, and signatures over JSON. Appendices, "Unpadded Base64", "Signing JSON".
 */

/** The two primitives that the pure code is handed: a node gives those of its platform, a browser others. */
export interface Crypto {
  /** SHA-256, 32 bytes. */
  sha256(bytes: Uint8Array): Uint8Array
  /** True if `signature` (64 bytes) over `message` is by the ed25519 key `publicKey` (32 bytes). Never throws. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean
}

/** One ed25519 key of one server, able to sign. */
export interface SigningKey {
  readonly server: ServerName
  /** `ed25519:` and the version. */
  readonly keyId: string
  /** The ed25519 signature of the message, 64 bytes. */
  sign(message: Uint8Array): Uint8Array
}

/** `signatures` of a signed object: server, key id, signature in unpadded base64. */
export type Signatures = { readonly [server: string]: { readonly [keyId: string]: string } }

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const standard = valuesOf(letters + '+/')
const urlSafe = valuesOf(letters + '-_')

/** The value of each ASCII character, 255 where it has none. */
function valuesOf(alphabet: string): Uint8Array {
  const values = new Uint8Array(128).fill(255)
  for (let i = 0; i < 64; i++) values[alphabet.charCodeAt(i)] = i
  return values
}

/** Unpadded base64. */
export const encodeBase64 = (bytes: Uint8Array): string => encode(bytes)
/** URL-safe unpadded base64. */
export const encodeBase64Url = (bytes: Uint8Array): string => encode(bytes).replaceAll('+', '-').replaceAll('/', '_')

/**
 * The bytes of a base64 text, or nothing if it is not exactly one encoding of them: other characters, white space and stray
 * bits at the end are refused. Padding may be there, if it is right: the specification asks to accept it.
 */
export const decodeBase64 = (text: string): Uint8Array | undefined => decode(text, standard)
/** The same for the URL-safe alphabet. */
export const decodeBase64Url = (text: string): Uint8Array | undefined => decode(text, urlSafe)

/** So many bytes may be the arguments of one call. */
const mostArguments = 8192

function encode(bytes: Uint8Array): string {
  let binary = ''
  for (let i = 0; i < bytes.length; i += mostArguments) {
    const part: ArrayLike<number> = bytes.subarray(i, i + mostArguments)
    binary += String.fromCharCode.apply(null, part as number[])
  }
  const padded = btoa(binary)
  return padded.slice(0, lengthWithoutPadding(padded))
}

function decode(text: string, values: Uint8Array): Uint8Array | undefined {
  const length = lengthWithoutPadding(text)
  if (length % 4 === 1) return undefined
  const bytes = new Uint8Array(Math.floor((length * 3) / 4))
  let pending = 0
  let pendingBits = 0
  let at = 0
  for (let i = 0; i < length; i++) {
    const value = values[text.charCodeAt(i)] ?? 255
    if (value === 255) return undefined
    pending = (pending << 6) | value
    pendingBits += 6
    if (pendingBits < 8) continue
    pendingBits -= 8
    bytes[at++] = pending >> pendingBits
    pending &= (1 << pendingBits) - 1
  }
  return pending === 0 ? bytes : undefined
}

/** Padding counts only where it fills the last group of four; elsewhere it stays, and is refused as a character. */
function lengthWithoutPadding(text: string): number {
  if (text.length % 4 !== 0) return text.length
  if (text.endsWith('==')) return text.length - 2
  return text.endsWith('=') ? text.length - 1 : text.length
}

/** The bytes that a signature over a JSON object covers: canonical JSON without `signatures` and `unsigned`. */
export function signedBytes(object: JsonObject): Uint8Array {
  const { signatures: _signatures, unsigned: _unsigned, ...covered } = object
  return utf8(canonicalJson(covered))
}

/** A copy of the object with one more signature; those it had are kept. */
export function signJson<T extends JsonObject>(object: T, key: SigningKey): T & { signatures: Signatures } {
  const signature = encodeBase64(key.sign(signedBytes(object)))
  return { ...object, signatures: addSignature(signaturesOf(object), key, signature) }
}

/** `signatures` with one more signature. */
export function addSignature(signatures: Signatures, key: SigningKey, signature: string): Signatures {
  return { ...signatures, [key.server]: { ...own(signatures, key.server), [key.keyId]: signature } }
}

/** The signatures of an object that are written as they must be; other entries are left out. */
export function signaturesOf(object: JsonObject): Signatures {
  const signatures = object['signatures']
  if (!isJsonObject(signatures)) return {}
  const isText = (entry: [string, Json]): entry is [string, string] => typeof entry[1] === 'string'
  return Object.fromEntries(
    Object.entries(signatures)
      .filter((entry): entry is [string, JsonObject] => isJsonObject(entry[1]))
      .map(([server, keys]) => [server, Object.fromEntries(Object.entries(keys).filter(isText))]),
  )
}

/** The signature of one key of one server on an object, as text; nothing if there is none. */
export function signatureOf(object: JsonObject, server: string, keyId: string): string | undefined {
  const signatures = object['signatures']
  if (!isJsonObject(signatures)) return undefined
  const keys = own(signatures, server)
  if (!isJsonObject(keys)) return undefined
  const signature = own(keys, keyId)
  return typeof signature === 'string' ? signature : undefined
}

/** A member that the object itself has; `constructor` and the like are not found on the prototype. */
const own = <T>(object: { readonly [key: string]: T }, key: string): T | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined

/**
 * True if the object carries a valid signature of this key of this server. Only ed25519 keys are understood.
 * Appendices, "Checking for a Signature".
 */
export function verifyJson(
  object: JsonObject,
  server: string,
  keyId: string,
  publicKey: Uint8Array,
  crypto: Pick<Crypto, 'verify'>,
): boolean {
  const text = signatureOf(object, server, keyId)
  const signature = text !== undefined && keyId.startsWith('ed25519:') ? decodeBase64(text) : undefined
  if (signature?.length !== 64 || publicKey.length !== 32) return false
  return crypto.verify(publicKey, signedBytes(object), signature)
}

/** A public key as identity servers write it: either alphabet. Nothing if it is not 32 bytes. */
export function decodePublicKey(text: Json | undefined): Uint8Array | undefined {
  if (typeof text !== 'string') return undefined
  const bytes = decodeBase64(text) ?? decodeBase64Url(text)
  return bytes?.length === 32 ? bytes : undefined
}

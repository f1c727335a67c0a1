import { getPublicKey, hashes, sign, verify } from '@noble/ed25519'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import type { ServerName } from '#spec/ids.ts'
import type { Crypto, SigningKey } from '#spec/sign.ts'

hashes.sha512 = sha512

/** SHA-256 and ed25519 in plain JavaScript: slow, the same everywhere. For tests and browsers. */
export const nobleCrypto: Crypto = {
  sha256,
  // The strict rule of RFC 8032: no second encoding of a point, no small-order keys.
  verify: (publicKey, message, signature) =>
    publicKey.length === 32 && signature.length === 64 && verify(signature, message, publicKey, { zip215: false }),
}

/** The signing key of a server, from its 32-byte seed. */
export const nobleKey = (server: string, keyId: string, seed: Uint8Array): SigningKey => ({
  server: server as ServerName,
  keyId,
  sign: (message) => sign(message, seed),
})

/** The public key of a seed. */
export const noblePublicKey = (seed: Uint8Array): Uint8Array => getPublicKey(seed)

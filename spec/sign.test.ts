import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ServerName } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import {
  addSignature,
  decodeBase64,
  decodeBase64Url,
  decodePublicKey,
  encodeBase64,
  encodeBase64Url,
  signaturesOf,
  signJson,
  verifyJson,
} from '#spec/sign.ts'
import base64 from './vectors/base64.json' with { type: 'json' }
import { nobleCrypto, nobleKey, noblePublicKey } from './vectors/noble-crypto.ts'
import vectors from './vectors/signing.json' with { type: 'json' }

const hex = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString('hex')
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))

test.each(base64.standard)('base64 %s', (text, expected) => {
  expect(encodeBase64(bytes(expected!))).toBe(text)
  expect(hex(decodeBase64(text!))).toBe(expected)
})

test.each(base64.url_safe)('URL-safe base64 %s', (text, expected) => {
  expect(encodeBase64Url(bytes(expected!))).toBe(text)
  expect(hex(decodeBase64Url(text!))).toBe(expected)
})

test.each(base64.padded)('padded base64 %s', (text, expected) => {
  expect(hex(decodeBase64(text!))).toBe(expected)
})

test('texts that are not the one encoding of any bytes are refused', () => {
  for (const text of base64.refused_standard) expect([text, decodeBase64(text)]).toEqual([text, undefined])
  for (const text of base64.refused_url_safe) expect([text, decodeBase64Url(text)]).toEqual([text, undefined])
})

test('base64 is one to one', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (given) => {
      expect(encodeBase64(given)).toBe(Buffer.from(given).toString('base64').replaceAll('=', ''))
      expect(encodeBase64Url(given)).toBe(Buffer.from(given).toString('base64url'))
      expect(hex(decodeBase64(encodeBase64(given)))).toBe(hex(given))
    }),
  )
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('A', 'Q', 'g', 'w', '/', '+', '=', ' ') }), (text) => {
      const decoded = decodeBase64(text)
      const unpadded = text.replace(/=+$/, '')
      expect(decoded ? encodeBase64(decoded) : unpadded).toBe(unpadded)
    }),
  )
})

const seed = decodeBase64(vectors.seed)!
const publicKey = decodeBase64(vectors.public_key)!
const key = nobleKey(vectors.server, vectors.key_id, seed)

test('the public key belongs to the seed', () => {
  expect(hex(noblePublicKey(seed))).toBe(hex(publicKey))
  expect(hex(decodePublicKey(vectors.public_key))).toBe(hex(publicKey))
  expect(decodePublicKey('AAAA')).toBeUndefined()
  expect(decodePublicKey(1)).toBeUndefined()
})

test.each(vectors.json)('signs $object', ({ object, signature }) => {
  const signed = signJson(object as JsonObject, key)
  expect(signed).toEqual({ ...object, signatures: { domain: { 'ed25519:1': signature } } })
  expect(verifyJson(signed, 'domain', 'ed25519:1', publicKey, nobleCrypto)).toBe(true)
})

test('signatures and unsigned are not covered, and are kept', () => {
  const before = { a: 1, unsigned: { age: 5 }, signatures: { other: { 'ed25519:x': 'abc' } } }
  const signed = signJson(before, key)
  expect(signed.unsigned).toEqual({ age: 5 })
  expect(signed.signatures['other']).toEqual({ 'ed25519:x': 'abc' })
  expect(
    verifyJson({ ...signed, unsigned: 7 } as unknown as JsonObject, 'domain', 'ed25519:1', publicKey, nobleCrypto),
  ).toBe(true)
  expect(verifyJson({ ...signed, a: 2 }, 'domain', 'ed25519:1', publicKey, nobleCrypto)).toBe(false)
})

test('a signature is found only where it belongs', () => {
  const signed = signJson({ a: 1 }, key)
  const text = signed.signatures['domain']!['ed25519:1']!
  const check = (object: JsonObject, server = 'domain', keyId = 'ed25519:1', by = publicKey): boolean =>
    verifyJson(object, server, keyId, by, nobleCrypto)
  expect(check(signed)).toBe(true)
  expect(check(signed, 'other')).toBe(false)
  expect(check(signed, 'constructor', 'name')).toBe(false)
  expect(check(signed, 'domain', 'ed25519:2')).toBe(false)
  expect(check({ a: 1, signatures: { domain: { 'curve25519:1': text } } }, 'domain', 'curve25519:1')).toBe(false)
  expect(check(signed, 'domain', 'ed25519:1', publicKey.subarray(1))).toBe(false)
  expect(check({ a: 1, signatures: { domain: { 'ed25519:1': text.slice(0, -2) } } })).toBe(false)
  expect(check({ a: 1, signatures: { domain: { 'ed25519:1': text + '==' } } })).toBe(true)
  expect(check({ a: 1, signatures: { domain: 5 } })).toBe(false)
  expect(check({ a: 1 })).toBe(false)
})

test('odd signatures objects are read without what is no signature', () => {
  expect(signaturesOf({ signatures: { a: { k: 's', l: 1 }, b: 2 } })).toEqual({ a: { k: 's' } })
  expect(signaturesOf({ signatures: [] })).toEqual({})
  const { server, keyId } = key
  expect(addSignature({ [server]: { k: 's' } }, key, 'x')).toEqual({ domain: { k: 's', [keyId]: 'x' } })
})

test('what was signed verifies, and nothing else does', () => {
  const texts = fc.string({ unit: 'grapheme', maxLength: 8 })
  fc.assert(
    fc.property(fc.dictionary(texts, fc.oneof(texts, fc.integer())), texts, (object, change) => {
      const signed = signJson({ ...object, word: 'a' }, { ...key, server: 'domain' as ServerName })
      expect(verifyJson(signed, 'domain', 'ed25519:1', publicKey, nobleCrypto)).toBe(true)
      fc.pre(change !== 'a')
      expect(verifyJson({ ...signed, word: change }, 'domain', 'ed25519:1', publicKey, nobleCrypto)).toBe(false)
    }),
    { numRuns: 20 },
  )
})

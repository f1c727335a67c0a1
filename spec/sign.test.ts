import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson, type Json, type JsonObject } from '#spec/json.ts'
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

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Base64 as RFC 4648 describes it: six bits a letter, zeroes to fill the last. */
function naiveBase64(given: Uint8Array, alphabet: string): string {
  const bits = Array.from(given, (byte) => byte.toString(2).padStart(8, '0')).join('')
  const groups = bits.match(/.{1,6}/g) ?? []
  return groups.map((group) => alphabet[Number.parseInt(group.padEnd(6, '0'), 2)]).join('')
}

function checkBothAlphabets(given: Uint8Array): void {
  const standard = encodeBase64(given)
  const urlSafe = encodeBase64Url(given)
  expect(standard === naiveBase64(given, letters + '+/')).toBe(true)
  expect(urlSafe === naiveBase64(given, letters + '-_')).toBe(true)
  expect(hex(decodeBase64(standard))).toBe(hex(given))
  expect(hex(decodeBase64Url(urlSafe))).toBe(hex(given))
}

test('base64 is one to one', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), checkBothAlphabets))
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('A', 'Q', 'g', 'w', '/', '+', '=', ' ') }), (text) => {
      const decoded = decodeBase64(text)
      const unpadded = text.replace(/=+$/, '')
      expect(decoded ? encodeBase64(decoded) : unpadded).toBe(unpadded)
    }),
  )
})

test.each([8191, 8192, 8193, 16_384, 24_577, 300_000])('base64 of %i bytes', (length) => {
  checkBothAlphabets(Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 255))
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
  const named = JSON.parse('{"signatures":{"__proto__":{"__proto__":"s"}}}') as JsonObject
  expect(JSON.stringify(signaturesOf(named))).toBe('{"__proto__":{"__proto__":"s"}}')
  const { server, keyId } = key
  expect(addSignature({ [server]: { k: 's' } }, key, 'x')).toEqual({ domain: { k: 's', [keyId]: 'x' } })
})

const verifies = (object: JsonObject): boolean => verifyJson(object, 'domain', 'ed25519:1', publicKey, nobleCrypto)
const texts = fc.string({ unit: 'grapheme', maxLength: 8 })
const { json: anyJson } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<Json[]>(null, true, false, 0),
    fc.integer(),
    texts,
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(texts, tie('json'), { maxKeys: 3 }),
  ),
}))
const objects: fc.Arbitrary<JsonObject> = fc.dictionary(texts, anyJson, { maxKeys: 4 })

/** The object with one of its values, at any depth, replaced; `at` counts them through. */
function changed(object: JsonObject, at: number, by: Json): JsonObject {
  let left = at
  const walk = (value: Json): Json => {
    if (left-- === 0) return by
    if (Array.isArray(value)) return value.map(walk)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, walk(member)]))
  }
  return Object.fromEntries(Object.entries(object).map(([key, member]) => [key, walk(member)]))
}

test('what was signed verifies, and changed anywhere it does not', () => {
  fc.assert(
    fc.property(objects, fc.nat(8), anyJson, texts, (given, at, by, added) => {
      const { signatures: _signatures, unsigned: _unsigned, ...object } = given
      const { signatures, ...signed } = signJson(object, key)
      expect(verifies({ ...signed, signatures })).toBe(true)
      const other = changed(signed, at, by)
      expect(verifies({ ...other, signatures })).toBe(canonicalJson(other) === canonicalJson(signed))
      fc.pre(!Object.hasOwn(object, added) && added !== 'signatures' && added !== 'unsigned')
      expect(verifies({ ...signed, [added]: by, signatures })).toBe(false)
    }),
    { numRuns: 50, seed: 1 },
  )
})

test('further signatures and what is unsigned change nothing', () => {
  const others = fc.dictionary(texts, fc.dictionary(texts, texts, { maxKeys: 2 }), { maxKeys: 3 })
  fc.assert(
    fc.property(objects, others, anyJson, (object, before, unsigned) => {
      const signed = signJson({ ...object, signatures: before, unsigned }, key)
      expect(verifies(signed)).toBe(true)
      expect(signed.signatures).toMatchObject(before)
      const twice = signJson(signed, nobleKey('other', 'ed25519:2', seed))
      expect(verifies(twice)).toBe(true)
      expect(verifyJson(twice, 'other', 'ed25519:2', publicKey, nobleCrypto)).toBe(true)
    }),
    { numRuns: 30, seed: 1 },
  )
})

test('a signature that differs in one bit is none', () => {
  const signed = signJson({ a: 1 }, key)
  const signature = decodeBase64(signed.signatures['domain']!['ed25519:1']!)!
  for (let bit = 0; bit < 512; bit += 7) {
    const flipped = signature.with(bit >> 3, signature[bit >> 3]! ^ (1 << (bit & 7)))
    expect(verifies({ a: 1, signatures: { domain: { 'ed25519:1': encodeBase64(flipped) } } })).toBe(false)
  }
})

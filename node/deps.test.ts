import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { nobleCrypto } from '#spec/vectors/noble-crypto.ts'
import { signWith, systemCrypto } from './deps.ts'

const message = (text: string): Uint8Array => new TextEncoder().encode(text)

function makeKey() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const bytes: Uint8Array = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
  return { bytes, sign: (text: string) => signWith(privateKey, message(text)) }
}

test('a signature is by one key over one message, however often the key has been seen', () => {
  const [one, other] = [makeKey(), makeKey()]
  const signature = one.sign('yes')
  for (let n = 0; n < 3; n++) {
    expect(systemCrypto.verify(one.bytes, message('yes'), signature)).toBe(true)
    expect(systemCrypto.verify(one.bytes, message('no'), signature)).toBe(false)
    expect(systemCrypto.verify(other.bytes, message('yes'), signature)).toBe(false)
  }
})

test('a key is known by its bytes, wherever they lie and whatever becomes of them', () => {
  const [one, other] = [makeKey(), makeKey()]
  const around = new Uint8Array(96)
  const view = around.subarray(40, 72)
  view.set(one.bytes)
  expect(systemCrypto.verify(view, message('yes'), one.sign('yes'))).toBe(true)
  view.set(other.bytes)
  expect(systemCrypto.verify(view, message('yes'), one.sign('yes'))).toBe(false)
  expect(systemCrypto.verify(view, message('yes'), other.sign('yes'))).toBe(true)
})

test('more keys than are kept all verify', () => {
  const keys = Array.from({ length: 1100 }, makeKey)
  const signed = keys.map((key) => ({ key, signature: key.sign('yes') }))
  for (const round of [signed, signed.toReversed()])
    for (const { key, signature } of round) expect(systemCrypto.verify(key.bytes, message('yes'), signature)).toBe(true)
})

test('what is no key or no signature is refused, not thrown', () => {
  const key = makeKey()
  const signature = key.sign('yes')
  expect(systemCrypto.verify(key.bytes.subarray(1), message('yes'), signature)).toBe(false)
  expect(systemCrypto.verify(key.bytes, message('yes'), signature.subarray(1))).toBe(false)
  expect(systemCrypto.verify(new Uint8Array(32).fill(255), message('yes'), signature)).toBe(false)
})

test('SHA-256 is the same as in plain JavaScript', () => {
  for (const text of ['', 'abc', 'ğ'.repeat(1000)])
    expect([...systemCrypto.sha256(message(text))]).toEqual([...nobleCrypto.sha256(message(text))])
})

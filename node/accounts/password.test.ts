import { argon2 } from 'node:crypto'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { MatrixError } from '#spec/errors.ts'
import type { Deps } from '#node/deps.ts'
import { systemRandom } from '#node/deps.ts'
import { hashPassword, isTooLong, lowerPasswordCost, verifyPassword } from './password.ts'

// Hashing asks for nothing but chance.
const depsOnly = (): Deps => ({ random: systemRandom }) as Deps

test('argon2id of this Node is that of RFC 9106, section 5.3', async () => {
  const tag = await promisify(argon2)('argon2id', {
    message: Buffer.alloc(32, 1),
    nonce: Buffer.alloc(16, 2),
    secret: Buffer.alloc(8, 3),
    associatedData: Buffer.alloc(12, 4),
    memory: 32,
    passes: 3,
    parallelism: 4,
    tagLength: 32,
  })
  expect(tag.toString('hex')).toBe('0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659')
})

test('the standard hash takes 64 MiB and three passes, and is written as a PHC string', async () => {
  const deps = depsOnly()
  const phc = await hashPassword(deps, 'correct horse')
  expect(phc).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  expect(await verifyPassword(deps, 'correct horse', phc)).toEqual({ matches: true, isOutdated: false })
  expect(await verifyPassword(deps, 'correct house', phc)).toEqual({ matches: false, isOutdated: false })
})

test('equal passwords have different hashes', async () => {
  const deps = depsOnly()
  lowerPasswordCost(deps)
  expect(await hashPassword(deps, 'correct horse')).not.toBe(await hashPassword(deps, 'correct horse'))
})

test('a hash that was made at another cost still holds, and is told apart', async () => {
  const deps = depsOnly()
  lowerPasswordCost(deps)
  const phc = await hashPassword(deps, 'correct horse')
  lowerPasswordCost(deps, { memory: 128, passes: 1, lanes: 1 })
  expect(await verifyPassword(deps, 'correct horse', phc)).toEqual({ matches: true, isOutdated: true })
  expect(await verifyPassword(deps, 'correct house', phc)).toEqual({ matches: false, isOutdated: false })
})

test('without a hash no password matches, not even one of zeroes', async () => {
  const deps = depsOnly()
  lowerPasswordCost(deps)
  expect(await verifyPassword(deps, '', undefined)).toEqual({ matches: false, isOutdated: false })
})

test('an accent that is typed as a sign of its own is the same password', async () => {
  const deps = depsOnly()
  lowerPasswordCost(deps)
  const phc = await hashPassword(deps, 'gu\u0308zel sifre')
  expect((await verifyPassword(deps, 'g\u00fczel sifre', phc)).matches).toBe(true)
})

test('a password has at most 1,024 bytes, counted after normalising', () => {
  expect(isTooLong('a'.repeat(1_024))).toBe(false)
  expect(isTooLong('a'.repeat(1_025))).toBe(true)
  expect(isTooLong('\u00fc'.repeat(512))).toBe(false)
  expect(isTooLong('\u00fc'.repeat(513))).toBe(true)
  // One character of three bytes that NFKC writes as eighteen letters.
  expect(isTooLong('\ufdfa'.repeat(300))).toBe(true)
})

test('a password that is too long matches nothing', async () => {
  const deps = depsOnly()
  lowerPasswordCost(deps)
  const phc = await hashPassword(deps, '')
  expect((await verifyPassword(deps, 'a'.repeat(2_000), phc)).matches).toBe(false)
})

test('who comes while fifty wait is asked to come back', async () => {
  const deps = depsOnly()
  lowerPasswordCost(deps)
  const results = await Promise.allSettled(Array.from({ length: 100 }, () => hashPassword(deps, 'correct horse')))
  const refused = results.filter((one) => one.status === 'rejected')
  expect(results.length - refused.length).toBeGreaterThanOrEqual(51)
  expect(refused.length).toBeGreaterThanOrEqual(100 - 53)
  expect(refused.every((one) => one.reason instanceof MatrixError && one.reason.code === 'M_LIMIT_EXCEEDED')).toBe(true)
  expect(await hashPassword(deps, 'afterwards there is room')).toContain('$argon2id$')
})

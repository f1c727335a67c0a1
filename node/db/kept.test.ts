import { expect, test } from 'vitest'
import { Kept } from './kept.ts'

interface Entry {
  readonly version: number
}

test('what was read is kept until it is forgotten', async () => {
  const kept = new Kept<Entry>(10)
  let version = 1
  const read = () => kept.getOrRead('a', async () => ({ version }))
  await read()
  version = 2
  expect(await read()).toEqual({ version: 1 })
  kept.forget('a')
  expect(await read()).toEqual({ version: 2 })
})

test.each(['forget', 'forgetAll'] as const)('what is read while it changes (%s) is not kept', async (how) => {
  const kept = new Kept<Entry>(10)
  const { promise, resolve } = Promise.withResolvers<Entry>()
  const reading = kept.getOrRead('a', () => promise)
  kept[how]('a')
  resolve({ version: 1 })
  expect(await reading).toEqual({ version: 1 })
  expect(kept.get('a')).toBeUndefined()
})

test('of two readings the one that began before a change is not kept', async () => {
  const kept = new Kept<Entry>(10)
  const early = Promise.withResolvers<Entry>()
  const first = kept.getOrRead('a', () => early.promise)
  kept.forget('a')
  await kept.getOrRead('a', async () => ({ version: 2 }))
  early.resolve({ version: 1 })
  await first
  expect(kept.get('a')).toEqual({ version: 2 })
})

test('what does not last is not kept, nor what could not be read', async () => {
  const kept = new Kept<Entry>(10)
  await kept.getOrRead(
    'a',
    async () => ({ version: 1 }),
    () => false,
  )
  await expect(kept.getOrRead('a', () => Promise.reject(new Error('gone')))).rejects.toThrow('gone')
  expect(kept.get('a')).toBeUndefined()
})

test('what was kept first makes room', async () => {
  const kept = new Kept<Entry>(10, ({ version }) => version)
  for (const [key, version] of [
    ['a', 4],
    ['b', 5],
    ['c', 6],
  ] as const)
    await kept.getOrRead(key, async () => ({ version }))
  expect(['a', 'b', 'c'].map((key) => kept.get(key)?.version)).toEqual([undefined, undefined, 6])
  await kept.getOrRead('d', async () => ({ version: 11 }))
  expect(['c', 'd'].map((key) => kept.get(key))).toEqual([undefined, undefined])
})

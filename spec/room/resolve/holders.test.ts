import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HolderSets, noHolders } from './holders.ts'

const count = 40
const indexes = fc.uniqueArray(fc.nat(count - 1))

test('equal sets have equal numbers, however they came about and whatever came up before', () => {
  const sets = new HolderSets(count)
  const known = new Map<string, number>()
  fc.assert(
    fc.property(indexes, indexes, (some, others) => {
      const of = (list: readonly number[]): number =>
        list.map((index) => sets.only(index)).reduce((a, b) => sets.union(a, b), noHolders)
      const name = JSON.stringify([...new Set([...some, ...others])].sort((a, b) => a - b))
      const both = sets.union(of(some), of(others))
      expect(both).toBe(sets.union(of(others), of(some)))
      expect(both).toBe(known.get(name) ?? both)
      known.set(name, both)
    }),
    { seed: 5, numRuns: 500 },
  )
  expect(new Set(known.values()).size).toBe(known.size)
})

test('all are all, and nobody is nobody', () => {
  const sets = new HolderSets(3)
  const [a, b, c] = [0, 1, 2].map((index) => sets.only(index)) as [number, number, number]
  expect(sets.union(sets.union(a, b), c)).toBe(sets.all)
  expect(sets.union(a, b)).not.toBe(sets.all)
  for (const some of [noHolders, a, sets.union(b, c), sets.all]) {
    expect(sets.union(some, noHolders)).toBe(some)
    expect(sets.union(noHolders, some)).toBe(some)
    expect(sets.union(some, sets.all)).toBe(sets.all)
    expect(sets.union(sets.all, some)).toBe(sets.all)
  }
  expect(new HolderSets(1).only(0)).toBe(new HolderSets(1).all)
})

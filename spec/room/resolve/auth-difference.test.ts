import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EventId } from '#spec/ids.ts'
import { authDifference } from './auth-difference.ts'
import type { Vertex } from './auth-graph.ts'
import { HolderSets, noHolders, type Holders } from './holders.ts'
import { chain, graphOf } from './testing/graphs.ts'

/** Events by number, each citing some before it; of each the state sets that it is part of. */
interface Case {
  readonly cited: readonly (readonly number[])[]
  readonly setCount: number
  readonly heldBy: readonly (readonly number[])[]
}

const cases: fc.Arbitrary<Case> = fc
  .tuple(fc.integer({ min: 3, max: 14 }), fc.constantFrom(2, 3, 40))
  .chain(([n, setCount]) =>
    fc.record({
      cited: fc.tuple(
        ...Array.from({ length: n }, (_, i) =>
          fc.uniqueArray(fc.nat(Math.max(i - 1, 0)), { maxLength: Math.min(i, 3) }),
        ),
      ),
      setCount: fc.constant(setCount),
      heldBy: fc.array(
        fc.oneof(
          { weight: 4, arbitrary: fc.constant([]) },
          { weight: 1, arbitrary: fc.constant(Array.from({ length: setCount }, (_, set) => set)) },
          { weight: 4, arbitrary: fc.uniqueArray(fc.nat(setCount - 1), { minLength: 1 }) },
        ),
        { minLength: n, maxLength: n },
      ),
    }),
  )

/** As the text has it: what is in the chains of some and not of all. */
function literally({ cited, setCount, heldBy }: Case): string[] {
  const chains = Array.from({ length: setCount }, (_, set) => {
    const found = new Set(cited.flatMap((ids, i) => (heldBy[i]!.includes(set) ? ids : [])))
    for (const one of found) for (const below of cited[one]!) found.add(below)
    return found
  })
  return cited.flatMap((_, i) => {
    const holding = chains.filter((found) => found.has(i)).length
    return holding > 0 && holding < setCount ? [`$${i}`] : []
  })
}

const eventsOf = ({ cited }: Case) =>
  cited.map((ids, i) =>
    chain(
      `$${i}`,
      ids.map((id) => `$${id}`),
    ),
  )

test('the difference is what the text says, whoever holds what', () => {
  let found = 0
  fc.assert(
    fc.property(cases, (given) => {
      const { graph, some, ids } = graphOf(eventsOf(given))
      const sets = new HolderSets(given.setCount)
      const holders = given.heldBy.map((list) => list.reduce((of, set) => sets.union(of, sets.only(set)), noHolders))
      const holdersOf = (vertex: Vertex): Holders => holders[Number(graph.idOf(vertex).slice(1))]!
      const conflicted = holders.flatMap((of, i) => (of === noHolders || of === sets.all ? [] : [`$${i}`]))
      const difference = ids(authDifference(some(...conflicted), holdersOf, sets).members)
      expect(difference.sort()).toEqual(literally(given).sort())
      found += difference.length
    }),
    { seed: 3, numRuns: 1500 },
  )
  expect(found).toBeGreaterThan(1000)
})

/** A line of events that cite one another, the latest last, and beside each one that cites it. */
const length = 1000
const line = Array.from({ length }, (_, i) => [
  chain(`$${i}`, i === 0 ? [] : [`$${i - 1}`]),
  chain(`$beside${i}`, [`$${i}`]),
]).flat()

test('neither is the line below walked nor, once all hold what was met, the line above', () => {
  const { graph, source, some, ids } = graphOf(line)
  const sets = new HolderSets(2)
  let asked = 0
  const holdersOf = (vertex: Vertex): Holders => {
    asked++
    const id = graph.idOf(vertex)
    if (id === '$499') return sets.only(0)
    return id === '$beside498' ? sets.only(1) : id === '$beside500' ? sets.all : noHolders
  }
  expect(ids(authDifference(some('$499', '$beside498'), holdersOf, sets).members)).toEqual([])
  expect(asked).toBeLessThan(10)
  expect(graph.size).toBeLessThan(10)
  expect(source.getCiting('$498' as EventId)).toEqual(['$beside498', '$499'])
})

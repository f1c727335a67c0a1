import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { contentOf } from './load-plan.ts'
import { MarkFinder } from './mark-finder.ts'

const numbers = fc.array(fc.integer({ min: 0, max: 10_000_000 }), { maxLength: 20 })

test('every message is found once, wherever the bytes are cut', () => {
  fc.assert(
    fc.property(numbers, fc.array(fc.nat()), (sent, cuts) => {
      const frames = Buffer.from(sent.map((n) => `{"timeline":{"events":[${contentOf(n)}]}}`).join(''))
      const places = [0, ...cuts.map((cut) => cut % (frames.length + 1)), frames.length].toSorted((a, b) => a - b)
      const finder = new MarkFinder()
      const found: number[] = []
      for (let i = 1; i < places.length; i++)
        finder.take(frames.subarray(places[i - 1], places[i]), (n) => found.push(n))
      expect(found).toEqual(sent)
    }),
  )
})

test('a stream that is joined in the middle of a message loses that one and no other', () => {
  const found: number[] = []
  new MarkFinder().take(Buffer.from(`23\`"}${contentOf(4)}${contentOf(5)}`), (n) => found.push(n))
  expect(found).toEqual([4, 5])
})

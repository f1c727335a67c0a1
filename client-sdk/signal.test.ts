import { expect, test } from 'vitest'
import { batch, signal } from './signal.ts'

test('listeners hear of changes, not of the same value, and not after they have left', () => {
  const count = signal(1)
  let heard = 0
  const leave = count.subscribe(() => heard++)
  count.set(2)
  count.set(2)
  expect([count.get(), heard]).toEqual([2, 1])
  leave()
  count.set(3)
  expect(heard).toBe(1)
})

test('a batch changes everything first and calls each listener once', () => {
  const a = signal(0)
  const b = signal(0)
  const seen: number[][] = []
  const listener = (): void => void seen.push([a.get(), b.get()])
  a.subscribe(listener)
  b.subscribe(() => undefined)
  batch(() => {
    a.set(1)
    batch(() => a.set(2))
    b.set(3)
    expect(seen).toEqual([])
  })
  expect(seen).toEqual([[2, 3]])
})

test('a batch that throws still tells what was set', () => {
  const a = signal(0)
  let heard = 0
  a.subscribe(() => heard++)
  expect(() =>
    batch(() => {
      a.set(1)
      throw new Error('half way')
    }),
  ).toThrow('half way')
  expect(heard).toBe(1)
  a.set(2)
  expect(heard).toBe(2)
})

test('a listener may set another signal, and leave while it is called', () => {
  const a = signal(0)
  const b = signal(0)
  const leave = a.subscribe(() => {
    leave()
    b.set(a.get())
  })
  let heard = 0
  b.subscribe(() => heard++)
  a.set(5)
  a.set(6)
  expect([b.get(), heard]).toEqual([5, 1])
})

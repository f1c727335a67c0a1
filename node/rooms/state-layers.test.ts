import { expect, test } from 'vitest'
import type { EventId, RoomId } from '#spec/ids.ts'
import { stateKeyOf } from '#spec/room/resolve/state-map.ts'
import { addLayer, noLayers, restoreHead, stateOfChain, type StoredLayer } from './state-layers.ts'

const roomId = '!room' as RoomId

/** A room in which many members come and go; every layer is stored, and the state after each is known. */
function history(length: number) {
  const rows = new Map<number, StoredLayer & { chain: readonly number[] }>()
  const states: Map<string, EventId>[] = []
  const state = new Map<string, EventId>()
  const head = noLayers()
  for (let i = 1; i <= length; i++) {
    const change = ['m.room.member', `@user${(i * 7) % 50}:x`, `$event${i}` as EventId] as const
    rows.set(1000 + i, addLayer(head, roomId, 1000 + i, change))
    states.push(new Map(state.set(stateKeyOf(change[0], change[1]), change[2])))
  }
  const chainOf = (layer: number) => rows.get(layer)!.chain.map((link) => rows.get(link)!)
  return { rows, states, head, chainOf }
}

test('the state at every layer is the deltas of its chain', () => {
  const { states, chainOf } = history(700)
  states.forEach((state, i) => expect(stateOfChain(chainOf(1001 + i))).toEqual(state))
})

test('a chain has at most one layer for each digit', () => {
  const { rows } = history(4 ** 5)
  expect(Math.max(...[...rows.values()].map((row) => row.chain.length))).toBeLessThanOrEqual(5)
})

test('a head that was read again goes on as the one that was written', () => {
  const { head, chainOf } = history(333)
  const restored = restoreHead(chainOf(head.layer))
  const next = ['m.room.topic', '', '$topic' as EventId] as const
  for (const layer of [5000, 5001, 5002, 5003, 5004])
    expect(addLayer(restored, roomId, layer, next)).toEqual(addLayer(head, roomId, layer, next))
})

test('storage grows by a handful of entries for each change, whatever the size of the room', () => {
  const entries = (length: number) =>
    [...history(length).rows.values()].reduce((sum, row) => sum + (JSON.parse(row.delta) as unknown[]).length, 0) /
    length
  expect(entries(4096)).toBeLessThan(12)
})

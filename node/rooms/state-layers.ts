import type { EventId, RoomId } from '#spec/ids.ts'
import { stateKeyOf } from '#spec/room/resolve/state-map.ts'
import type { LayerRow } from './facts.ts'

/*
 * The state of a room after each change, kept as differences that share structure.
 *
 * The layers of a room are numbered 1, 2, 3, ... (0 is the empty state). The parent of a layer is the one whose ordinal is its own with
 * the lowest digit to base 4 that is not 0 cleared: 27 = 123 to base 4 has the parent 120 = 24, that 100 = 16, that the empty state. A delta holds
 * what changed since the parent. So the state at any layer is a handful of deltas, and a state change costs about twelve entries of storage,
 * however large the room is.
 */
const base = 4

/** One piece of state that changed. */
export type Change = readonly [type: string, stateKey: string, eventId: EventId]

/** The newest layer of a room, and what the next ones need to know of those before it. `addLayer` moves it on. */
export interface LayerHead {
  layer: number
  ordinal: number
  chain: readonly { readonly layer: number; readonly ordinal: number }[]
  /** By digit: what has changed since the last ordinal in which this digit and all lower ones were 0. */
  readonly pending: Map<string, Change>[]
}

export const noLayers = (): LayerHead => ({ layer: 0, ordinal: 0, chain: [], pending: [] })

/** Moves the head on to the layer after a change, and answers with the row to store. */
export function addLayer(head: LayerHead, roomId: RoomId, layer: number, change: Change): LayerRow {
  const { pending } = head
  const ordinal = head.ordinal + 1
  const digit = lowestDigit(ordinal)
  while (pending.length <= digit) pending.push(new Map(pending.at(-1)))
  for (const changes of pending) changes.set(stateKeyOf(change[0], change[1]), change)
  const delta = JSON.stringify([...pending[digit]!.values()])
  for (let i = 0; i < digit; i++) pending[i] = new Map()
  const parent = ordinal - (ordinal % base ** (digit + 1))
  const chain = [...head.chain.filter((link) => link.ordinal <= parent), { layer, ordinal }]
  Object.assign(head, { layer, ordinal, chain })
  return { layer, roomId, ordinal, chain: chain.map((link) => link.layer), delta }
}

function lowestDigit(ordinal: number): number {
  let digit = 0
  for (let rest = ordinal; rest % base === 0; rest /= base) digit++
  return digit
}

/** A layer as it was stored. */
export interface StoredLayer {
  readonly layer: number
  readonly ordinal: number
  readonly delta: string
}

const changesOf = (stored: StoredLayer): Change[] => JSON.parse(stored.delta) as Change[]

/** The head again, from the chain of the newest layer, in order. */
export function restoreHead(chain: readonly StoredLayer[]): LayerHead {
  const last = chain.at(-1)
  if (last === undefined) return noLayers()
  const digits = last.ordinal.toString(base).length
  const pending = Array.from({ length: digits }, (_, digit) => {
    const since = last.ordinal - (last.ordinal % base ** (digit + 1))
    const changes = chain.filter((stored) => stored.ordinal > since).flatMap(changesOf)
    return new Map(changes.map((change) => [stateKeyOf(change[0], change[1]), change]))
  })
  return {
    layer: last.layer,
    ordinal: last.ordinal,
    chain: chain.map(({ layer, ordinal }) => ({ layer, ordinal })),
    pending,
  }
}

/** The whole state of a layer, from its chain in order. */
export function stateOfChain(chain: readonly StoredLayer[]): Map<string, EventId> {
  const state = new Map<string, EventId>()
  for (const [type, key, eventId] of chain.flatMap(changesOf)) state.set(stateKeyOf(type, key), eventId)
  return state
}

import { perNode, type Deps } from '#node/deps.ts'
import type { Batch } from './commit.ts'

/**
 * Who waits for what. A reader that wants to miss nothing subscribes first, then reads the database, then waits: a fact committed between
 * its read and its wait has already called it. What it is told is a hint; the database is the truth.
 */
type Waiter = (batch: Batch) => void

interface Waiters {
  readonly rooms: Map<string, Set<Waiter>>
  readonly users: Map<string, Set<Waiter>>
}

const waitersOf = perNode<Waiters>((deps) => {
  const waiters: Waiters = { rooms: new Map(), users: new Map() }
  deps.stream.onCommit((batch) => wake(waiters, batch))
  return waiters
})

/** Calls `waiter` once for every batch that concerns one of the rooms or the user, until the answer is called. */
export function subscribe(deps: Deps, what: { rooms: Iterable<string>; user: string }, waiter: Waiter): () => void {
  const waiters = waitersOf(deps)
  const keys = [...what.rooms]
  for (const room of keys) add(waiters.rooms, room, waiter)
  add(waiters.users, what.user, waiter)
  return () => {
    for (const room of keys) remove(waiters.rooms, room, waiter)
    remove(waiters.users, what.user, waiter)
  }
}

function wake(waiters: Waiters, batch: Batch): void {
  const called = new Set<Waiter>()
  for (const { kind, row } of batch.facts) {
    const concerned = kind.concerns?.(row as never)
    for (const room of concerned?.rooms ?? []) for (const waiter of waiters.rooms.get(room) ?? []) called.add(waiter)
    for (const user of concerned?.users ?? []) for (const waiter of waiters.users.get(user) ?? []) called.add(waiter)
  }
  for (const waiter of called) waiter(batch)
}

function add(map: Map<string, Set<Waiter>>, key: string, waiter: Waiter): void {
  const of = map.get(key)
  if (of) of.add(waiter)
  else map.set(key, new Set([waiter]))
}

function remove(map: Map<string, Set<Waiter>>, key: string, waiter: Waiter): void {
  const of = map.get(key)
  of?.delete(waiter)
  if (of?.size === 0) map.delete(key)
}

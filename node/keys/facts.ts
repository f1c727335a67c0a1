import type { RoomId } from '#spec/ids.ts'
import type { FactKind } from '#node/stream/commit.ts'
import * as store from './store.ts'

/** Somebody's devices or keys have changed. */
export interface DeviceListChange extends store.ListChange {
  /** The rooms that they are in: who shares one with them is woken. */
  readonly rooms: readonly RoomId[]
  /** What is announced by this. */
  readonly id: number
}

export const deviceListKind: FactKind<DeviceListChange> = {
  name: 'device list change',
  positioned: true,
  write: (tx, facts) => {
    // One statement cannot touch a row twice: the last change of a person counts.
    const last = new Map(facts.map(({ row, position }) => [`${row.userId} ${row.seenBy}`, { ...row, position }]))
    const ids = facts.map(({ row }) => row.id)
    return [store.upsertListChanges(tx, [...last.values()]), store.deleteUnannounced(tx, ids)]
  },
  concerns: ({ userId, seenBy, rooms }) => (seenBy === '' ? { rooms, users: [userId] } : { users: [seenBy] }),
}

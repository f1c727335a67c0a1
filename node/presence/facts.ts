import type { RoomId, UserId } from '#spec/ids.ts'
import type { FactKind } from '#node/stream/commit.ts'
import * as store from './store.ts'

export type PresenceState = 'online' | 'unavailable' | 'offline'

/** Whether somebody is there, from this position on. */
export interface Presence {
  readonly userId: UserId
  readonly state: PresenceState
  readonly statusMsg: string | null
  /** Milliseconds since the Unix epoch. */
  readonly lastActiveAt: number
}

/** With the rooms whose people hear of it: those that are not too large (`largestRoom`). */
export interface PresenceRow extends Presence {
  readonly rooms: readonly RoomId[]
}

export const presenceKind: FactKind<PresenceRow> = {
  name: 'presence',
  positioned: true,
  // One statement cannot touch a row twice: of several facts about one person the last counts.
  write: (tx, facts) => [store.upsertPresence(tx, [...new Map(facts.map((fact) => [fact.row.userId, fact])).values()])],
  concerns: ({ rooms }) => ({ rooms }),
}

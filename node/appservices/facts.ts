import type { RoomId, UserId } from '#spec/ids.ts'
import type { Fact, FactKind } from '#node/stream/commit.ts'
import * as store from './store.ts'

/** A user of an application service has come into a room, or something else has happened to their membership. */
export interface MemberChange {
  readonly appserviceId: string
  readonly roomId: RoomId
  readonly userId: UserId
  readonly isIn: boolean
}

/** A change with the positions from which and up to which it makes the room one that concerns the service. */
export interface MemberSpan extends MemberChange {
  readonly from: number
  readonly until: number | null
}

export const memberChangeKind: FactKind<MemberChange> = {
  name: 'member of an application service',
  positioned: false,
  write: (tx, facts) => store.insertSpans(tx, spansOf(facts)),
}

/** In one batch somebody may come and go more than once. */
export function spansOf(facts: readonly Fact<MemberChange>[]): MemberSpan[] {
  const of = Map.groupBy(facts, ({ row }) => JSON.stringify([row.appserviceId, row.roomId, row.userId]))
  return [...of.values()].flatMap((changes) =>
    changes.map(({ row, position }, index) => ({
      ...row,
      from: position,
      until: row.isIn ? (changes[index + 1]?.position ?? null) : position,
    })),
  )
}

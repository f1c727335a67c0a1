import type { RoomId, UserId } from '#spec/ids.ts'
import type { FactKind } from '#node/stream/commit.ts'
import * as store from './store.ts'

/** People whom a message mentions. */
export interface Mentions {
  readonly roomId: RoomId
  readonly userIds: readonly UserId[]
  /** What the message brought the room's count to. */
  readonly attentionCount: number
}

export const mentionsKind: FactKind<Mentions> = {
  name: 'mentions',
  positioned: false,
  write(tx, facts) {
    const rows = facts.flatMap(({ row: { roomId, userIds, attentionCount } }) =>
      userIds.map((userId) => ({ roomId, userId, attentionCount })),
    )
    return [store.insertHighlights(tx, rows)]
  },
}

import type { EventId } from '#spec/ids.ts'
import type { FactKind } from '#node/stream/commit.ts'
import type { NamedMedia } from './media-in.ts'
import * as store from './store.ts'

/** The files of this server that an event names. */
export interface References {
  readonly eventId: EventId
  readonly named: readonly NamedMedia[]
}

export const referencesKind: FactKind<References> = {
  name: 'media references',
  positioned: false,
  write: (tx, facts) => {
    const rows = facts.flatMap(({ row: { eventId, named } }) => named.map((one) => ({ eventId, ...one })))
    return [store.insertReferences(tx, rows)]
  },
}

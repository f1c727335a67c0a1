import type { DeviceId, UserId } from '#spec/ids.ts'
import type { FactKind } from '#node/stream/commit.ts'
import * as store from './store.ts'

/** One message for one device of this server. */
export interface Letter {
  readonly userId: UserId
  readonly deviceId: DeviceId
  /** JSON. */
  readonly content: string
}

/** What one request sends: at most one message to each device. */
export interface Mailing {
  readonly sender: UserId
  readonly type: string
  readonly letters: readonly Letter[]
}

export const mailingKind: FactKind<Mailing> = {
  name: 'to-device messages',
  positioned: true,
  write: (tx, facts) => store.insertLetters(tx, facts),
  concerns: ({ letters }) => ({ users: [...new Set(letters.map((letter) => letter.userId))] }),
}

/** A request that a device made, so that it is not done again. */
export interface Transaction {
  readonly userId: UserId
  readonly deviceId: DeviceId
  readonly type: string
  readonly txnId: string
}

export const transactionKind: FactKind<Transaction & { readonly createdAt: number }> = {
  name: 'to-device transaction',
  positioned: false,
  write: (tx, facts) => [
    store.insertTransactions(
      tx,
      facts.map(({ row }) => row),
    ),
  ],
}

/**
 * Moves the log on by one and says nothing: two answers that bring a device different messages need different tokens, though nothing
 * happened between them.
 */
export const pageKind: FactKind<null> = { name: 'page of an inbox', positioned: true, write: () => [] }

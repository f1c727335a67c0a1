import type { EventId, RoomId, UserId } from '#spec/ids.ts'
import type { FactKind } from '#node/stream/commit.ts'
import * as store from './store.ts'

/*
 * Rows that are stored beside an event, and take its position.
 */

/** The event notifies everybody whose rules leave it at what is predefined. */
export interface RoomNotification {
  readonly roomId: RoomId
  readonly threadId: string
  readonly highlights: boolean
}

export const roomNotificationKind: FactKind<RoomNotification> = {
  name: 'room notification',
  positioned: false,
  write: (tx, facts) => [store.insertNotifications(tx, facts)],
}

/** The event is something else to one person. */
export interface Exception {
  readonly userId: UserId
  readonly roomId: RoomId
  readonly threadId: string
  /** What it adds to their counts. */
  readonly notified: -1 | 0 | 1
  readonly highlighted: -1 | 0 | 1
  /** What it is to them in the end. */
  readonly notifies: boolean
  readonly highlights: boolean
}

export const exceptionKind: FactKind<Exception> = {
  name: 'notification exception',
  positioned: false,
  write: (tx, facts) => [store.insertExceptions(tx, facts)],
}

/** From this event on plain messages of a room do, or do not, notify a person. */
export interface Quiet {
  readonly userId: UserId
  readonly roomId: RoomId
  readonly isQuiet: boolean
}

export const quietKind: FactKind<Quiet> = {
  name: 'quiet span',
  positioned: false,
  write: (tx, facts) => store.setQuiet(tx, facts),
}

/** With this event a person comes into a room. */
export interface Arrival {
  readonly userId: UserId
  readonly roomId: RoomId
}

export const arrivalKind: FactKind<Arrival> = {
  name: 'arrival',
  positioned: false,
  write: (tx, facts) => [store.forgetExceptions(tx, facts), store.forgetQuiet(tx, facts)],
}

/** An event of a room has been redacted. */
export interface Withdrawal {
  readonly roomId: RoomId
  readonly target: EventId
}

export const withdrawalKind: FactKind<Withdrawal> = {
  name: 'withdrawn notification',
  positioned: false,
  write: (tx, facts) =>
    store.withdraw(
      tx,
      facts.map(({ row }) => row.target),
    ),
}

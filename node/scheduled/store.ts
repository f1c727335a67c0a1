import type { DeviceId, EventId, RoomId, UserId } from '#spec/ids.ts'
import type { Read, Tx, TxSql } from '#node/db/transaction.ts'

export interface NewDelayedEvent {
  readonly delayId: string
  readonly userId: UserId
  readonly deviceId: DeviceId
  readonly txnKey: string | null
  readonly roomId: RoomId
  readonly type: string
  readonly stateKey: string | null
  /** Canonical JSON. */
  readonly content: string
  readonly delayMs: number
  readonly runningSince: number
}

export type Outcome = 'send' | 'cancel'
export type Reason = 'action' | 'delay' | 'error'

export interface DelayedEvent extends NewDelayedEvent {
  readonly sendAt: number
  readonly finalisedAt: number | null
  readonly outcome: Outcome | null
  readonly reason: Reason | null
  readonly error: string | null
  readonly eventId: EventId | null
}

const columns = (sql: Read) => sql`
  delay_id as "delayId", user_id as "userId", device_id as "deviceId", txn_key as "txnKey", room_id as "roomId", type, state_key as "stateKey", content,
  delay_ms as "delayMs", running_since as "runningSince", send_at as "sendAt", finalised_at as "finalisedAt", outcome, reason, error,
  event_id as "eventId"`

export const insertDelayed = (tx: Tx, e: NewDelayedEvent) => tx`
  insert into delayed_events (delay_id, user_id, device_id, txn_key, room_id, type, state_key, content, delay_ms, running_since, send_at)
  values (${e.delayId}, ${e.userId}, ${e.deviceId}, ${e.txnKey}, ${e.roomId}, ${e.type}, ${e.stateKey}, ${e.content}, ${e.delayMs}, ${e.runningSince},
    ${e.runningSince + e.delayMs})`

export async function readDelayId(sql: Read, userId: UserId, deviceId: DeviceId, txnKey: string) {
  const [row] = await sql<{ delayId: string }[]>`
    select delay_id as "delayId" from delayed_events where user_id = ${userId} and device_id = ${deviceId} and txn_key = ${txnKey}`
  return row?.delayId
}

/** How many events of a user wait, and when the next of them is sent. */
export async function readWaiting(sql: Read, userId: UserId): Promise<{ count: number; next: number | null }> {
  const [row] = await sql<{ count: number; next: number | null }[]>`
    select count(*) as count, min(send_at) as next from delayed_events where user_id = ${userId} and finalised_at is null`
  return row!
}

export async function readDelayed(sql: Read, delayId: string): Promise<DelayedEvent | undefined> {
  const [row] = await sql<DelayedEvent[]>`select ${columns(sql)} from delayed_events where delay_id = ${delayId}`
  return row
}

/** Those whose time has come, the one due longest first. */
export const readDue = (sql: Read, now: number, limit: number) => sql<{ delayId: string; roomId: RoomId }[]>`
  select delay_id as "delayId", room_id as "roomId" from delayed_events where finalised_at is null and send_at <= ${now}
  order by send_at, delay_id limit ${limit}`

export async function readNextDue(sql: Read): Promise<number | undefined> {
  const [row] = await sql<
    { at: number | null }[]
  >`select min(send_at) as at from delayed_events where finalised_at is null`
  return row?.at ?? undefined
}

export const restart = (tx: Tx, delayId: string, now: number) => tx`
  update delayed_events set running_since = ${now}, send_at = ${now} + delay_ms where delay_id = ${delayId} and finalised_at is null`

export interface Finalised {
  readonly at: number
  readonly outcome: Outcome
  readonly reason: Reason
  readonly error?: string
  readonly eventId?: EventId
}

/** An event that has been sent is sent, even if it was cancelled meanwhile. */
export const finalise = (tx: Tx, delayId: string, { at, outcome, reason, error, eventId }: Finalised) => tx`
  update delayed_events set finalised_at = ${at}, outcome = ${outcome}, reason = ${reason}, error = ${error ?? null}, event_id = ${eventId ?? null}
  where delay_id = ${delayId} and (finalised_at is null or ${outcome} = 'send')`

export interface StatePlace {
  readonly roomId: RoomId
  readonly type: string
  readonly stateKey: string
}

/** Somebody else has set what these would have set. */
export const cancelReplaced = (
  tx: TxSql,
  rows: readonly (StatePlace & { sender: UserId; at: number })[],
  error: string,
) => tx`
  update delayed_events d set finalised_at = n.at, outcome = 'cancel', reason = 'error', error = ${error}
  from unnest(
    ${rows.map((r) => r.roomId)}::text[], ${rows.map((r) => r.type)}::text[], ${rows.map((r) => r.stateKey)}::text[],
    ${rows.map((r) => r.sender)}::text[], ${rows.map((r) => r.at)}::bigint[]) as n (room_id, type, state_key, sender, at)
  where d.room_id = n.room_id and d.type = n.type and d.state_key = n.state_key and d.user_id <> n.sender and d.finalised_at is null`

export const readScheduledState = (sql: Read) => sql<StatePlace[]>`
  select distinct room_id as "roomId", type, state_key as "stateKey" from delayed_events where finalised_at is null and state_key is not null`

export interface ListRequest {
  readonly status?: 'scheduled' | 'finalised' | undefined
  readonly delayIds?: readonly string[] | undefined
  readonly roomId?: RoomId | undefined
  readonly type?: string | undefined
  readonly outcome?: 'send' | 'cancel' | 'error' | undefined
  readonly reason?: 'action' | 'delay' | undefined
  readonly dir: 'b' | 'f'
  /** The last one of the page before. */
  readonly after?: { readonly sendAt: number; readonly delayId: string } | undefined
  readonly limit: number
}

export function listDelayed(sql: Read, userId: UserId, asked: ListRequest) {
  const { status, delayIds, roomId, type, outcome, reason, dir, after, limit } = asked
  const forward = dir === 'f'
  return sql<DelayedEvent[]>`
    select ${columns(sql)} from delayed_events where user_id = ${userId}
      ${status === undefined ? sql`` : status === 'scheduled' ? sql`and finalised_at is null` : sql`and finalised_at is not null`}
      ${delayIds === undefined ? sql`` : sql`and delay_id = any(${delayIds as string[]})`}
      ${roomId === undefined ? sql`` : sql`and room_id = ${roomId}`} ${type === undefined ? sql`` : sql`and type = ${type}`}
      ${outcome === undefined ? sql`` : outcome === 'error' ? sql`and reason = 'error'` : sql`and outcome = ${outcome} and reason <> 'error'`}
      ${reason === undefined ? sql`` : sql`and reason = ${reason}`}
      ${
        after === undefined
          ? sql``
          : forward
            ? sql`and (send_at, delay_id) > (${after.sendAt}, ${after.delayId})`
            : sql`and (send_at, delay_id) < (${after.sendAt}, ${after.delayId})`
      }
    order by send_at ${forward ? sql`asc` : sql`desc`}, delay_id ${forward ? sql`asc` : sql`desc`} limit ${limit}`
}

/** Forgets what was finalised before a moment, and of each user all but the latest. */
export const deleteDelayedOf = (tx: Tx, userId: UserId) => tx`delete from delayed_events where user_id = ${userId}`

export const deleteFinalised = (tx: Tx, before: number, mostOfUser: number) => tx`
  delete from delayed_events where delay_id in (
    select delay_id from (
      select delay_id, finalised_at, row_number() over (partition by user_id order by finalised_at desc) as place
      from delayed_events where finalised_at is not null) f
    where f.finalised_at < ${before} or f.place > ${mostOfUser})`

/** What is emptied of a room that is deleted. */
export const roomTables = ['delayed_events'] as const

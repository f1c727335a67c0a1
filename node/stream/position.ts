import type { Statement } from '#node/db/pipeline.ts'
import type { Read, Tx, TxSql } from '#node/db/transaction.ts'

/**
 * Positions, and why they can be trusted.
 *
 * A `bigserial` is not enough: it gives 1 to a slow transaction and 2 to a quick one, a reader sees 2 and moves on, and the fact at 1,
 * committed later, is lost to it. Here a transaction takes its positions by updating the single row of `stream_head`, and so holds that
 * row's lock until it has committed or failed. Position order is commit order; a failed transaction gives its positions back.
 *
 * So that nobody waits for the answer, a writer says from where on it takes them. If the head is elsewhere by then, or the epoch another
 * one, the row is not one that the table takes, and the transaction fails (`isHeadElsewhere`).
 *
 * Nobody else may compare or make up positions.
 */
export const takePositions = (
  tx: TxSql,
  { epoch, after, count }: { epoch: number; after: number; count: number },
): Statement => tx`
  update stream_head set position = position + ${count}, epoch = case when epoch = ${epoch} and position = ${after} then epoch end`

/** Another writer has moved the head since, or has begun an epoch of its own. */
export const isHeadElsewhere = (error: unknown): boolean =>
  error instanceof Error && 'table_name' in error && error.table_name === 'stream_head'

/** The newest committed position: every fact up to it can be read. */
export async function readHead(sql: Read): Promise<{ epoch: number; position: number }> {
  const [row] = await sql<{ epoch: number; position: number }[]>`select epoch, position from stream_head`
  return row!
}

/** Begins a new epoch: a writer of an earlier one, if it still runs somewhere, can store nothing more. */
export async function beginEpoch(tx: Tx): Promise<{ epoch: number; head: number }> {
  const [row] = await tx<{ epoch: number; position: number }[]>`
    update stream_head set epoch = epoch + 1 returning epoch, position`
  return { epoch: row!.epoch, head: row!.position }
}

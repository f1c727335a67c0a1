import type { Read, Tx } from '#node/db/transaction.ts'

/**
 * Positions, and why they can be trusted.
 *
 * A `bigserial` is not enough: it gives 1 to a slow transaction and 2 to a quick one, a reader sees 2 and moves on, and the fact at 1,
 * committed later, is lost to it. Here a transaction takes its positions by updating the single row of `stream_head`, and so holds that
 * row's lock until it has committed or failed. Position order is commit order; a failed transaction gives its positions back.
 *
 * Nobody else may compare or make up positions.
 */
export async function takePositions(tx: Tx, epoch: number, count: number): Promise<number | undefined> {
  const [row] = await tx<{ position: number }[]>`
    update stream_head set position = position + ${count} where epoch = ${epoch} returning position`
  return row?.position
}

/** The newest committed position: every fact up to it can be read. */
export async function readHead(sql: Read): Promise<number> {
  const [row] = await sql<{ position: number }[]>`select position from stream_head`
  return row!.position
}

/** Begins a new epoch: a writer of an earlier one, if it still runs somewhere, can store nothing more. */
export async function beginEpoch(tx: Tx): Promise<{ epoch: number; head: number }> {
  const [row] = await tx<{ epoch: number; position: number }[]>`
    update stream_head set epoch = epoch + 1 returning epoch, position`
  return { epoch: row!.epoch, head: row!.position }
}

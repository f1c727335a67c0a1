import type { Tx } from './transaction.ts'

/** Deletes rows of a room from a table, a number of them at most; answers how many. The table is named by whoever owns it. */
export async function deleteOfRoom(tx: Tx, table: string, roomId: string, limit: number): Promise<number> {
  const { count } = await tx`
    delete from ${tx(table)} where ctid = any(array(select ctid from ${tx(table)} where room_id = ${roomId} limit ${limit}))`
  return count
}

import type { UserId } from '#spec/ids.ts'
import type { Tx } from '#node/db/transaction.ts'

export interface CallRow {
  readonly caller: UserId | null
  readonly method: string
  readonly path: string
  readonly target: string
  readonly calledAt: number
}

export const insertCall = (tx: Tx, { caller, method, path, target, calledAt }: CallRow) => tx`
  insert into admin_calls (caller, method, path, target, called_at)
  values (${caller}, ${method}, ${path}, ${target}, ${calledAt})`

export const deleteCallsBefore = (tx: Tx, at: number) => tx`delete from admin_calls where called_at < ${at}`

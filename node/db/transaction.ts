import postgres from 'postgres'
import type { Sql } from './connect.ts'

declare const inTransaction: unique symbol

/** What may read: the pool or a transaction. */
export type Read = postgres.ISql

/** A handle whose statements are part of a transaction. */
export type TxSql = postgres.ISql & { readonly [inTransaction]: true }

/**
 * A transaction that is open. Only `transaction` makes one, and it dies with the transaction: whatever a late caller does with it throws
 * (a handle of postgres.js would run the statement on its own and commit it, without a word).
 */
export type Tx = TxSql & {
  /** Runs `hook` after COMMIT, in order of registration; never if the transaction rolls back. */
  after(hook: () => void): void
}

/** A transaction handle was used after its transaction had ended. */
export class TransactionEnded extends Error {
  override readonly name = 'TransactionEnded'
  constructor() {
    super('A transaction handle was used after its transaction had ended.')
  }
}

/** A transaction is open, then over; or its connection is lost while it is open, and Postgres has rolled it back. */
type Life = { state: 'open' | 'over' | 'lost' }

/**
 * Runs `work` in one transaction: commits when it resolves, rolls back when it throws or when any of its statements fails.
 * A hook that throws undoes nothing: the others still run, then its error is thrown.
 */
export async function transaction<T>(sql: Sql, work: (tx: Tx) => Promise<T>): Promise<T> {
  const hooks: (() => void)[] = []
  const life: Life = { state: 'open' }
  let result: { value: T } | undefined
  try {
    await sql.begin(async (inner) => {
      result = { value: await unlessLost(life, work(guard(inner, hooks, life))) }
      life.state = 'over'
    })
  } finally {
    if (life.state === 'open') life.state = 'lost'
  }
  runAll(hooks)
  if (!result) throw new TransactionEnded()
  return result.value
}

/**
 * Settles as `work` does, but never once the connection is lost: postgres.js would then send COMMIT or ROLLBACK on a socket that is gone,
 * and the error of that write reaches nobody and ends the process. `sql.begin` itself rejects when the connection closes.
 */
async function unlessLost<T>(life: Life, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (life.state === 'open') life.state = 'over'
    throw error
  } finally {
    if (life.state === 'lost') await new Promise(() => undefined)
  }
}

function runAll(hooks: readonly (() => void)[]): void {
  const errors: unknown[] = []
  for (const hook of hooks) {
    try {
      hook()
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length > 0) throw errors[0]
}

/** The part of a query of postgres.js that decides when and where it runs. */
interface Runnable {
  handler: (query: Runnable) => void
  reject: (error: unknown) => void
}

const isRunnable = (value: unknown): value is Runnable => value instanceof Promise && 'handler' in value

function guard(inner: postgres.TransactionSql, hooks: (() => void)[], life: Life): Tx {
  const check = () => {
    if (life.state !== 'open') throw new TransactionEnded()
  }
  const watched = (made: unknown) => {
    if (isRunnable(made)) watch(made, life)
    return made
  }
  return new Proxy(inner, {
    apply: (target, self, args) => (check(), watched(Reflect.apply(target, self, args))),
    get: (target, name) => {
      check()
      if (name === 'after') return (hook: () => void) => (check(), void hooks.push(hook))
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? (...args: unknown[]) => (check(), watched(value.apply(target, args))) : value
    },
  }) as unknown as Tx
}

/** A query runs when it is awaited, not when it is made. A connection that is lost takes the transaction with it, though the handle would reconnect. */
function watch(query: Runnable, life: Life): void {
  const { handler, reject } = query
  query.handler = (late) => (life.state === 'open' ? handler(late) : reject(new TransactionEnded()))
  query.reject = (error) => {
    if (life.state === 'open' && isLoss(error)) life.state = 'lost'
    reject(error)
  }
}

/** Postgres closes the connection after an error of severity FATAL; other losses are seen by the socket. */
export function isLoss(error: unknown): boolean {
  if (error instanceof postgres.PostgresError) return error.severity === 'FATAL' || error.severity === 'PANIC'
  return error instanceof Error && 'errno' in error
}

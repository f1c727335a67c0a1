import type postgres from 'postgres'
import { connect, type Sql } from './connect.ts'
import { isLoss, type TxSql } from './transaction.ts'

/** A statement that has been written down and not been sent. */
export type Statement = postgres.PendingQuery<postgres.Row[]>

/** Says itself what postgres.js says with such a code. */
class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost'
  readonly code = 'CONNECTION_LOST'
  constructor() {
    super('The connection to the database was lost.')
  }
}

/** A connection that is ours until it is lost. */
interface Line {
  readonly sql: Sql
  /** Called when the connection is lost: what waits for answers will get none. */
  readonly onLoss: Set<(error: ConnectionLost) => void>
  readonly giveBack: () => void
}

/** postgres.js loses count of the answers if it finds out only while sending that an argument cannot be sent, and COMMIT would come all the same. */
function checkArguments(statement: Statement): void {
  const { args } = statement as unknown as { readonly args: readonly unknown[] }
  for (const argument of args.flat())
    if (argument !== null && typeof argument !== 'string' && typeof argument !== 'number')
      throw new TypeError(`A statement cannot hold ${typeof argument} as an argument.`)
}

/**
 * A connection of its own for whoever writes all the time, opened when it is first needed and again after a loss. Its transactions cost one
 * wait for Postgres each: BEGIN, all statements and COMMIT are sent together. If a statement fails, Postgres refuses what comes after it and
 * takes COMMIT for ROLLBACK.
 */
export class Pipeline {
  readonly #pool: Sql
  #line: Promise<Line> | undefined
  #onLoss: (() => void) | undefined
  /** Settles when what was sent last is answered, and with it all before. */
  #answered: Promise<unknown> = Promise.resolve()

  constructor(url: string, options: postgres.Options<{}> = {}) {
    this.#pool = connect(url, { ...options, max: 1, onclose: () => this.#onLoss?.() })
  }

  /**
   * Runs statements in one transaction; throws the error of the first that fails. After an error that is not of Postgres about a statement,
   * nobody knows whether the transaction was committed.
   */
  async transaction(write: (tx: TxSql) => readonly Statement[]): Promise<void> {
    const { sql, onLoss } = await (this.#line ??= this.#open())
    // From here on nothing is waited for until all are under way: the connection that was alive at the first statement is the one that hears them all.
    const statements = [sql`begin`, ...write(sql as unknown as TxSql), sql`commit`]
    statements.forEach(checkArguments)
    const outcomes = statements.map((statement) =>
      statement.then(
        () => undefined,
        (error: unknown) => ({ error }),
      ),
    )
    const { promise: lost, reject } = Promise.withResolvers<never>()
    onLoss.add(reject)
    const answered = Promise.race([Promise.all(outcomes), lost])
    this.#answered = answered.catch(() => undefined)
    try {
      const failed = (await answered).find((outcome) => outcome !== undefined)
      // A socket may tell of an error before its end: until then this would be taken for a connection that lives.
      if (failed && isLoss(failed.error)) await lost
      if (failed) throw failed.error
    } finally {
      onLoss.delete(reject)
    }
  }

  /** Waits for what is under way, and closes the connection. */
  async end(): Promise<void> {
    const line = await this.#line?.catch(() => undefined)
    await this.#answered
    line?.giveBack()
    await this.#pool.end({ timeout: 5 })
  }

  async #open(): Promise<Line> {
    try {
      // postgres.js 3.4.9 reserves a connection only if it is open already; one that it opens for that is lost to it.
      await this.#pool`select 1`
      const sql = await this.#pool.reserve()
      const onLoss: Line['onLoss'] = new Set()
      let isLost = false
      this.#onLoss = () => {
        isLost = true
        this.#onLoss = undefined
        this.#line = undefined
        for (const tell of onLoss) tell(new ConnectionLost())
      }
      return { sql, onLoss, giveBack: () => isLost || sql.release() }
    } catch (error) {
      this.#line = undefined
      throw error
    }
  }
}

import type { Sql } from '#node/db/connect.ts'
import type { Logger } from 'pino'
import type { Pipeline, Statement } from '#node/db/pipeline.ts'
import type { TxSql } from '#node/db/transaction.ts'
import { isHeadElsewhere, readHead, takePositions } from './position.ts'

/**
 * One kind of row that goes into the log. `write` answers with what stores all rows of that kind that a transaction holds: statements
 * that need no answer, for all of a transaction is sent at once.
 * A positioned kind is a fact that a client or another server can sync: each of its rows takes a position.
 */
export interface FactKind<Row> {
  readonly name: string
  readonly positioned: boolean
  write(tx: TxSql, facts: readonly Fact<Row>[]): readonly Statement[]
  /** Whom a row concerns: waiting readers of these rooms and users are woken. */
  concerns?(row: Row): Concerned
}

export interface Concerned {
  readonly rooms?: readonly string[]
  readonly users?: readonly string[]
}

export interface Fact<Row = unknown> {
  /** Of kinds without a position of their own: that of the last fact before it, beside which it is stored. */
  readonly position: number
  readonly row: Row
}

export interface Write {
  readonly kind: FactKind<never>
  readonly row: unknown
}

export const write = <Row>(kind: FactKind<Row>, row: Row): Write => ({ kind: kind as FactKind<never>, row })

export interface StoredFact extends Fact {
  readonly kind: FactKind<never>
}

/** What one transaction made true: every position after `after` up to `upTo`, in order. */
export interface Batch {
  readonly after: number
  readonly upTo: number
  readonly facts: readonly StoredFact[]
}

/** What rows build on that is not in the database yet. */
export interface Premise {
  /** Asked just before storing: false withdraws the rows. */
  holds(): boolean
  /** Called when the rows were not stored, before anything else of the log is tried: whatever was built on them must not be. */
  fell(): void
}

interface Append {
  readonly writes: readonly Write[]
  readonly premise: Premise | undefined
  readonly done: (facts: readonly StoredFact[]) => void
  readonly failed: (error: unknown) => void
}

/** A batch beyond this many rows waits for the next transaction, so that no acknowledgement waits for a flood. */
const largestBatch = 500

/** The caller's premise had gone before its rows were stored; nothing was written, and asking again may succeed. */
export class Withdrawn extends Error {
  override readonly name = 'Withdrawn'
}

/** Another process has taken over this database: this one must not write, and cannot go on. */
export class Fenced extends Error {
  override readonly name = 'Fenced'
}

export interface StreamOptions {
  readonly sql: Sql
  readonly pipeline: Pipeline
  readonly log: Logger
  readonly epoch: number
  /** The newest committed position. */
  readonly head: number
  readonly onFenced?: (error: Fenced) => void
}

/**
 * The one log. `append` resolves after COMMIT and never before.
 *
 * 1. One transaction is in flight; whatever is appended meanwhile goes into the next, so a busy node pays one commit for hundreds of rows.
 * 2. The transaction's first statement takes its positions and, with them, a row lock that is held until the commit has happened.
 *    Whoever reads position P therefore finds every fact up to P, however many writers there are and however slow one of them is.
 *    A writer that finds the head moved by another asks where it is and tries again.
 * 3. If a transaction fails, each of its appends is tried once more alone, so that a bad one costs only itself.
 */
export class Stream {
  readonly #sql: Sql
  readonly #pipeline: Pipeline
  readonly #log: Logger
  readonly #epoch: number
  readonly #onFenced: (error: Fenced) => void
  readonly #listeners = new Set<(batch: Batch) => void>()
  #waiting: Append[] = []
  #running: Promise<void> | undefined
  #head: number
  /** Where the next positions are taken from. Of a transaction that was lost on its way nobody knows whether it moved the head. */
  #headInDatabase: number
  #losses = 0

  constructor(options: StreamOptions) {
    this.#sql = options.sql
    this.#pipeline = options.pipeline
    this.#log = options.log
    this.#epoch = options.epoch
    this.#head = options.head
    this.#headInDatabase = options.head
    this.#onFenced = options.onFenced ?? (() => undefined)
  }

  /** The newest position known to be committed. */
  get head(): number {
    return this.#head
  }

  /**
   * How often a transaction was lost on its way. It may have been stored without being announced: what memory has gathered from
   * announcements before that may lack it, from then on.
   */
  get losses(): number {
    return this.#losses
  }

  /** Differs between any two starts of a node on one database. */
  get epoch(): number {
    return this.#epoch
  }

  /** Stores all rows together or none of them; the answer is the stored facts, in the order given. */
  append(writes: readonly Write[], premise?: Premise): Promise<readonly StoredFact[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly StoredFact[]>()
    const failed = (error: unknown) => {
      premise?.fell()
      reject(error)
    }
    this.#waiting.push({ writes, premise, done: resolve, failed })
    // The microtask lets everything that one socket read delivered share a transaction.
    this.#running ??= Promise.resolve().then(() => this.#drain())
    return promise
  }

  /** Calls the listener after every commit, in position order, before the writers hear of it. */
  onCommit(listener: (batch: Batch) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Resolves when everything appended so far is stored or refused. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch()
      if (batch.length === 0) continue
      if (await this.#tryToStore(batch)) continue
      for (const append of batch) if (!withdrawn(append)) await this.#tryToStore([append])
    }
    this.#running = undefined
  }

  #takeBatch(): Append[] {
    let rows = 0
    let count = 0
    while (count < this.#waiting.length && (count === 0 || rows < largestBatch))
      rows += this.#waiting[count++]!.writes.length
    const taken = this.#waiting.slice(0, count)
    this.#waiting = this.#waiting.slice(count)
    return taken.filter((append) => !withdrawn(append))
  }

  /** Answers whether the appends are settled; false means that they are to be tried one by one. */
  async #tryToStore(appends: readonly Append[]): Promise<boolean> {
    try {
      const { batch, parts } = await this.#store(appends)
      this.#announce(batch)
      appends.forEach((append, index) => append.done(parts[index]!))
      return true
    } catch (error) {
      if (error instanceof Fenced) this.#onFenced(error)
      if (!isAboutRows(error)) this.#losses++
      else if (appends.length > 1) return false
      for (const append of appends) append.failed(error)
      return true
    }
  }

  async #store(appends: readonly Append[]): Promise<{ batch: Batch; parts: StoredFact[][] }> {
    for (;;) {
      const after = this.#headInDatabase
      let upTo = after
      const parts = appends.map((append) =>
        append.writes.map(({ kind, row }) => ({ kind, row, position: kind.positioned ? ++upTo : upTo })),
      )
      const facts = parts.flat()
      try {
        await this.#pipeline.transaction((tx) => [
          takePositions(tx, { epoch: this.#epoch, after, count: upTo - after }),
          ...writeByKind(tx, facts),
        ])
        this.#headInDatabase = upTo
        return { batch: { after, upTo, facts }, parts }
      } catch (error) {
        if (!isHeadElsewhere(error)) throw error
        await this.#findHead()
      }
    }
  }

  async #findHead(): Promise<void> {
    const { epoch, position } = await readHead(this.#sql)
    if (epoch !== this.#epoch) throw new Fenced('Another process has taken over this database.')
    this.#headInDatabase = position
  }

  #announce(batch: Batch): void {
    this.#head = Math.max(this.#head, batch.upTo)
    for (const listener of this.#listeners) {
      try {
        listener(batch)
      } catch (error) {
        this.#log.error({ err: error }, 'stream listener failed')
      }
    }
  }
}

/**
 * Only what Postgres said of the rows is worth a second try. After a lost connection nobody knows whether they were stored; and Postgres
 * says FATAL when it closes one itself.
 */
const isAboutRows = (error: unknown): boolean =>
  error instanceof Error && error.name === 'PostgresError' && 'severity' in error && error.severity === 'ERROR'

function withdrawn(append: Append): boolean {
  if (append.premise === undefined || append.premise.holds()) return false
  append.failed(new Withdrawn('What this was built on has changed.'))
  return true
}

function writeByKind(tx: TxSql, facts: readonly StoredFact[]): Statement[] {
  const byKind = Map.groupBy(facts, ({ kind }) => kind)
  return [...byKind].flatMap(([kind, of]) => kind.write(tx, of as unknown as readonly Fact<never>[]))
}

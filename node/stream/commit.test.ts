import pino from 'pino'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { transaction, type Tx } from '#node/db/transaction.ts'
import { testDatabase, type TestDatabase } from '#test/postgres.ts'
import { Fenced, Stream, Withdrawn, write, type Batch, type FactKind } from './commit.ts'
import { beginEpoch, readHead } from './position.ts'

let database: TestDatabase
let epoch: number
let head: number

beforeAll(async () => {
  database = await testDatabase()
  await database.sql`create table notes (position bigint primary key, body text not null unique)`
  await database.sql`create sequence note_positions`
})
beforeEach(async () => {
  await database.sql`truncate notes`
  ;({ epoch, head } = await transaction(database.sql, beginEpoch))
})
afterAll(() => database.drop())

interface Note {
  readonly body: string
  /** How long the transaction goes on after its rows are written. */
  readonly slowMs?: number
}

const noteKind: FactKind<Note> = {
  name: 'note',
  positioned: true,
  write(tx, facts) {
    const bodies = facts.map((fact) => fact.row.body)
    const slowMs = Math.max(...facts.map((fact) => fact.row.slowMs ?? 0))
    return [
      tx`insert into notes select * from unnest(${facts.map((fact) => fact.position)}::bigint[], ${bodies}::text[])`,
      ...(slowMs > 0 ? [tx`select pg_sleep(${slowMs / 1000})`] : []),
    ]
  },
}

const newStream = (onFenced?: (error: Fenced) => void): Stream =>
  new Stream({ ...database, log: pino({ level: 'silent' }), epoch, head, ...(onFenced && { onFenced }) })
const note = (body: string, slowMs = 0) => write(noteKind, { body, slowMs })
const headNow = async () => (await readHead(database.sql)).position
const readNotes = async () =>
  (await database.sql<{ body: string }[]>`select body from notes order by position`).map((n) => n.body)

/** Follows a log as a reader of /sync does: asks how far it is, reads up to there, and never looks back. */
async function follow(readHeadNow: () => Promise<number>, isOver: () => boolean): Promise<string[]> {
  const seen: string[] = []
  let position = await readHeadNow()
  for (let isLast = false; ;) {
    const upTo = await readHeadNow()
    const rows = await database.sql<{ body: string }[]>`
      select body from notes where position > ${position} and position <= ${upTo} order by position`
    seen.push(...rows.map((row) => row.body))
    position = upTo
    if (isLast) return seen
    isLast = isOver()
  }
}

/** Three writers, each with slow commits at times of its own, and two readers. Answers with what each reader saw. */
async function writeAndFollow(
  append: (writer: number, body: string, slowMs: number) => Promise<unknown>,
  readHeadNow: () => Promise<number>,
): Promise<string[][]> {
  let isOver = false
  const readers = [0, 1].map(() => follow(readHeadNow, () => isOver))
  await Promise.all(
    [0, 1, 2].map(async (writer) => {
      for (let i = 0; i < 25; i++) await append(writer, `${writer}-${i}`, (i * 7 + writer * 3) % 5 === writer ? 15 : 0)
    }),
  )
  isOver = true
  return Promise.all(readers)
}

test('three writers with slow commits never let a reader skip a fact', async () => {
  const streams = [newStream(), newStream(), newStream()]
  const seen = await writeAndFollow((writer, body, slowMs) => streams[writer]!.append([note(body, slowMs)]), headNow)
  const all = await readNotes()
  expect(all).toHaveLength(75)
  for (const one of seen) expect(one).toEqual(all)
})

test('positions from a plain sequence let a reader skip facts: the test above sees it', async () => {
  const append = (_writer: number, body: string, slowMs: number) =>
    transaction(database.sql, async (tx: Tx) => {
      await tx`insert into notes values (nextval('note_positions'), ${body})`
      if (slowMs > 0) await tx`select pg_sleep(${slowMs / 1000})`
    })
  const readHeadNow = async () =>
    (await database.sql<{ head: number }[]>`select coalesce(max(position), 0)::bigint as head from notes`)[0]!.head
  const seen = await writeAndFollow(append, readHeadNow)
  expect(await readNotes()).toHaveLength(75)
  expect(seen.some((one) => one.length < 75)).toBe(true)
})

test('what waits while a transaction is under way shares the next one', async () => {
  const stream = newStream()
  const batches: Batch[] = []
  stream.onCommit((batch) => void batches.push(batch))
  const first = stream.append([note('first', 20)])
  await new Promise((resolve) => setTimeout(resolve, 10))
  await Promise.all([first, ...['a', 'b', 'c'].map((body) => stream.append([note(body), note(`${body}2`)]))])
  expect(batches.map((batch) => batch.facts.length)).toEqual([1, 6])
  expect(batches[1]).toMatchObject({ after: batches[0]!.upTo, upTo: batches[0]!.upTo + 6 })
  expect(batches[1]!.facts.map((fact) => fact.position)).toEqual([1, 2, 3, 4, 5, 6].map((n) => batches[0]!.upTo + n))
  expect(stream.head).toBe(await headNow())
})

test('an append that fails costs only itself, and no position is lost with it', async () => {
  const stream = newStream()
  await stream.append([note('taken')])
  const [before, bad, after] = [
    stream.append([note('before')]),
    stream.append([note('beside'), note('taken')]),
    stream.append([note('after')]),
  ]
  await expect(bad).rejects.toThrow('notes_body_key')
  await Promise.all([before, after])
  expect(await readNotes()).toEqual(['taken', 'before', 'after'])
  expect(await headNow()).toBe(head + 3)
})

test('listeners are told in order, after COMMIT and before the writer', async () => {
  const stream = newStream()
  const order: string[] = []
  stream.onCommit(({ facts }) => order.push(`told ${(facts[0]!.row as Note).body}`))
  stream.onCommit(() => {
    throw new Error('a listener that fails stops nobody')
  })
  await stream.append([note('one')]).then(() => order.push('stored one'))
  await stream.append([note('two')]).then(() => order.push('stored two'))
  expect(order).toEqual(['told one', 'stored one', 'told two', 'stored two'])
})

test('what was built on a premise that has gone is not stored', async () => {
  const stream = newStream()
  let holds = true
  let fell = 0
  const premise = { holds: () => holds, fell: () => void fell++ }
  await stream.append([note('built on sand')], premise)
  holds = false
  await expect(stream.append([note('in the air')], premise)).rejects.toThrow(Withdrawn)
  expect(fell).toBe(1)
  expect(await readNotes()).toEqual(['built on sand'])
})

test('a writer of an earlier epoch can store nothing', async () => {
  const fenced: Fenced[] = []
  const stale = newStream((error) => void fenced.push(error))
  await transaction(database.sql, beginEpoch)
  await expect(stale.append([note('too late')])).rejects.toThrow(Fenced)
  expect(fenced).toHaveLength(1)
  expect(await readNotes()).toEqual([])
})

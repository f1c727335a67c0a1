import { once } from 'node:events'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { testDatabase, type TestDatabase } from '#test/postgres.ts'
import type { Sql } from './connect.ts'
import { Pipeline, type Statement } from './pipeline.ts'
import { breakableSockets } from './testing/breakable-sockets.ts'
import type { TxSql } from './transaction.ts'

let database: TestDatabase
let sql: Sql
beforeAll(async () => {
  database = await testDatabase({ empty: true })
  sql = database.sql
  await sql`create table notes (id int primary key, after int references notes deferrable initially deferred)`
})
beforeEach(async () => {
  await sql`truncate notes`
})
afterAll(() => database.drop())

const ids = async () => (await sql<{ id: number }[]>`select id from notes order by id`).map((row) => row.id)
const insert = (tx: TxSql, ...of: number[]): Statement[] => of.map((id) => tx`insert into notes values (${id})`)

test('commits all of its statements, of which each sees what those before it did', async () => {
  await database.pipeline.transaction((tx) => [
    ...insert(tx, 1, 2),
    tx`insert into notes select max(id) + 1 from notes`,
    tx`delete from notes where id = 1`,
  ])
  expect(await ids()).toEqual([2, 3])
})

test('one statement that fails undoes all, and its own error is thrown', async () => {
  const broken = database.pipeline.transaction((tx) => insert(tx, 1, 2, 1, 3))
  await expect(broken).rejects.toThrow('duplicate key')
  expect(await ids()).toEqual([])
  await database.pipeline.transaction((tx) => insert(tx, 4))
  expect(await ids()).toEqual([4])
})

test('what Postgres finds wrong only at COMMIT is thrown too', async () => {
  const broken = database.pipeline.transaction((tx) => [tx`insert into notes values (1, 2)`])
  await expect(broken).rejects.toThrow('foreign key')
  expect(await ids()).toEqual([])
})

test.each([undefined, {}, [1, undefined], true, () => 1])(
  'an argument that cannot be sent (%s) keeps all from being sent',
  async (bad) => {
    const broken = database.pipeline.transaction((tx) => [
      ...insert(tx, 1),
      tx`select ${bad as string}`,
      ...insert(tx, 2),
    ])
    await expect(broken).rejects.toThrow(TypeError)
    await database.pipeline.transaction((tx) => insert(tx, 3))
    expect(await ids()).toEqual([3])
  },
)

test('statements that cannot be written down leave the connection as it was', async () => {
  const broken = database.pipeline.transaction(() => {
    throw new Error('no')
  })
  await expect(broken).rejects.toThrow('no')
  await database.pipeline.transaction((tx) => insert(tx, 1))
  expect(await ids()).toEqual([1])
})

test('many at once go one after the other over one connection, also the first ones', async () => {
  const { options, sockets } = breakableSockets(database.url)
  const pipeline = new Pipeline(database.url, options)
  const all = Array.from({ length: 40 }, (_, i) => i + 1)
  await Promise.all(all.map((id) => pipeline.transaction((tx) => insert(tx, id))))
  expect(await ids()).toEqual(all)
  expect(sockets).toHaveLength(1)
  await pipeline.end()
})

test.each([1, 5, 20, 60])('a connection lost after %d ms is told at once, and all or nothing is there', async (ms) => {
  const { options, sockets } = breakableSockets(database.url)
  const pipeline = new Pipeline(database.url, options)
  await pipeline.transaction(() => [])
  const outcomes = [1, 2].map((first) =>
    pipeline
      .transaction((tx) => [...insert(tx, first), tx`select pg_sleep(0.02)`, ...insert(tx, first + 10)])
      .then(
        () => [first, first + 10],
        () => undefined,
      ),
  )
  await new Promise((resolve) => setTimeout(resolve, ms))
  const closed = once(sockets[0]!.destroy(), 'close')
  const stored = (await Promise.all(outcomes)).flatMap((of) => of ?? [])
  await closed
  // Postgres may not have heard yet: until it has, it holds the lock that this one waits for.
  await pipeline.transaction((tx) => [tx`lock table notes`, ...insert(tx, 30)])
  const there = await ids()
  expect(there).toEqual(expect.arrayContaining([...stored, 30]))
  expect(['30', '1,11,30', '1,2,11,12,30']).toContain(there.join())
  await pipeline.end()
})

test('a connection lost between two transactions is opened anew', async () => {
  const { options, sockets } = breakableSockets(database.url)
  const pipeline = new Pipeline(database.url, options)
  await pipeline.transaction((tx) => insert(tx, 1))
  await once(sockets[0]!.destroy(), 'close')
  await pipeline.transaction((tx) => insert(tx, 2))
  expect(await ids()).toEqual([1, 2])
  await pipeline.end()
})

test('a connection that Postgres ends takes the transaction with it', async () => {
  const broken = database.pipeline.transaction((tx) => [
    ...insert(tx, 1),
    tx`select pg_terminate_backend(pg_backend_pid())`,
    ...insert(tx, 2),
  ])
  await expect(broken).rejects.toThrow()
  expect(await ids()).toEqual([])
  await database.pipeline.transaction((tx) => insert(tx, 3))
  expect(await ids()).toEqual([3])
})

test('the end waits for what is under way, and ends a pipeline that was never used', async () => {
  const pipeline = new Pipeline(database.url)
  const stored = pipeline.transaction((tx) => [tx`select pg_sleep(0.05)`, ...insert(tx, 1)])
  await new Promise((resolve) => setTimeout(resolve, 20))
  await pipeline.end()
  await stored
  expect(await ids()).toEqual([1])
  await new Pipeline(database.url).end()
})

test.each([1, 2, 3, 5])('a server that lets nobody in %d times is found again', async (times) => {
  const { options, sockets, refuse } = breakableSockets(database.url)
  const pipeline = new Pipeline(database.url, { ...options, backoff: () => 0.001 })
  await pipeline.transaction((tx) => insert(tx, 1))
  refuse(times)
  await once(sockets[0]!.destroy(), 'close')
  // Whoever is turned away comes again at once.
  const persist = async (id: number): Promise<unknown> =>
    pipeline.transaction((tx) => insert(tx, id)).catch(() => persist(id))
  await persist(2)
  await persist(3)
  expect(await ids()).toEqual([1, 2, 3])
  await pipeline.end()
})

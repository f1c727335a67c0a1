import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { testDatabase, type TestDatabase } from '#test/postgres.ts'
import type { Sql } from './connect.ts'
import { transaction, TransactionEnded, type Tx } from './transaction.ts'

let database: TestDatabase
let sql: Sql

beforeAll(async () => {
  database = await testDatabase({ empty: true })
  sql = database.sql
  await sql`create table notes (id int primary key)`
})
beforeEach(async () => {
  await sql`truncate notes`
})
afterAll(() => database.drop())

const ids = async () => (await sql<{ id: number }[]>`select id from notes order by id`).map((row) => row.id)

test('commits what it did and gives the value of its work', async () => {
  const value = await transaction(sql, async (tx) => {
    await tx`insert into notes ${tx([{ id: 1 }, { id: 2 }])}`
    return [1, 2]
  })
  expect(value).toEqual([1, 2])
  expect(await ids()).toEqual([1, 2])
})

test('rolls back when the work throws', async () => {
  const broken = transaction(sql, async (tx) => {
    await tx`insert into notes values (1)`
    throw new Error('no')
  })
  await expect(broken).rejects.toThrow('no')
  expect(await ids()).toEqual([])
})

test('rolls back when a statement fails, even if the work goes on', async () => {
  const broken = transaction(sql, async (tx) => {
    await tx`insert into notes values (1)`
    await tx`insert into notes values (1)`.catch(() => undefined)
  })
  await expect(broken).rejects.toThrow('duplicate key')
  expect(await ids()).toEqual([])
})

test('runs its hooks after the commit, in order, and not after a rollback', async () => {
  const seen: string[] = []
  await transaction(sql, async (tx) => {
    tx.after(() => seen.push('first'))
    tx.after(() => seen.push('second'))
    await tx`insert into notes values (1)`
    expect(seen).toEqual([])
  })
  expect(seen).toEqual(['first', 'second'])
  const broken = transaction(sql, async (tx) => {
    tx.after(() => seen.push('never'))
    await tx`select 1 / 0`
  })
  await expect(broken).rejects.toThrow('division by zero')
  expect(seen).toEqual(['first', 'second'])
})

test('a hook that throws does not undo the commit, nor keep the next hook from running', async () => {
  let ran = false
  const broken = transaction(sql, async (tx) => {
    tx.after(() => {
      throw new Error('hook')
    })
    tx.after(() => (ran = true))
    await tx`insert into notes values (1)`
  })
  await expect(broken).rejects.toThrow('hook')
  expect(ran).toBe(true)
  expect(await ids()).toEqual([1])
})

test('a raw handle of postgres.js outlives its transaction and commits: the trap that the guard closes', async () => {
  let late: unknown
  const broken = sql.begin(async (tx) => {
    late = tx
    throw new Error('no')
  })
  await expect(broken).rejects.toThrow('no')
  await (late as Sql)`insert into notes values (9)`
  expect(await ids()).toEqual([9])
})

test.each(['rollback', 'commit'])('a handle used after %s throws, and nothing is written', async (ending) => {
  let late!: Tx
  const ended = transaction(sql, async (tx) => {
    late = tx
    await tx`select 1`
    if (ending === 'rollback') throw new Error('no')
  })
  await ended.catch((error: unknown) => expect(error).toHaveProperty('message', 'no'))
  expect(() => late`insert into notes values (9)`).toThrow(TransactionEnded)
  expect(() => late.after(() => undefined)).toThrow(TransactionEnded)
  expect(() => late.json({})).toThrow(TransactionEnded)
  expect(await ids()).toEqual([])
})

test('a query made inside and awaited outside does not run', async () => {
  let late!: PromiseLike<unknown>
  await transaction(sql, async (tx) => {
    const query = tx`insert into notes values (9)`
    late = { then: (...args) => query.then(...args) }
  })
  await expect(Promise.resolve(late)).rejects.toThrow(TransactionEnded)
  expect(await ids()).toEqual([])
})

test('work that goes on after its connection was lost cannot write outside the transaction', async () => {
  const late: unknown[] = []
  const broken = transaction(sql, async (tx) => {
    await tx`insert into notes values (1)`
    await tx`select pg_terminate_backend(pg_backend_pid())`.catch(() => undefined)
    await tx`insert into notes values (2)`.catch((error: unknown) => late.push(error))
  })
  await expect(broken).rejects.toThrow()
  await sql`select 1`
  expect(await ids()).toEqual([])
})

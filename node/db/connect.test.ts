import { afterEach, beforeEach, expect, test } from 'vitest'
import { testDatabase, type TestDatabase } from '#test/postgres.ts'
import { connect, type Sql } from './connect.ts'
import { breakableSockets } from './testing/breakable-sockets.ts'

let database: TestDatabase
beforeEach(async () => {
  database = await testDatabase({ empty: true })
})
afterEach(() => database.drop())

function breakablePool(max: number) {
  const { options, sockets } = breakableSockets(database.url)
  return { sql: connect(database.url, { ...options, max }), sockets }
}

/** Both connections of the pool are open, and `query` is under way on the first of these two sockets. */
async function occupy(query: (sql: Sql) => Promise<unknown>) {
  const { sql, sockets } = breakablePool(2)
  await Promise.all([sql`select pg_sleep(0.02)`, sql`select pg_sleep(0.02)`])
  const written = sockets.map((socket) => socket.bytesWritten)
  const outcome = query(sql)
  const isBusy = (index: number) => sockets[index]!.bytesWritten > written[index]!
  await expect.poll(() => isBusy(0) || isBusy(1)).toBe(true)
  return { sql, outcome, busy: sockets[isBusy(0) ? 0 : 1]!, idle: sockets[isBusy(0) ? 1 : 0]! }
}

test('connections that are lost at once, one of them while something waits to be written to it, spoil nothing', async () => {
  const again = (sql: Sql) => sql`select pg_sleep(60)`.catch(() => sql`select 1`).catch((error: unknown) => error)
  const { sql, outcome, busy, idle } = await occupy(again)
  // The last one destroyed tells so first, and what is asked then is given to the other.
  idle.destroy()
  busy.destroy()
  await outcome
  const answers = await Promise.all([2, 3].map((n) => sql<{ n: number }[]>`select ${n}::int as n`))
  expect(answers.map(([row]) => row?.n)).toEqual([2, 3])
  await sql.end()
})

test('what is under way on the other connections of the pool ends in peace', async () => {
  const { sql, outcome, idle } = await occupy((pool) => pool`select pg_sleep(0.3), 4 as answer`.execute())
  idle.destroy()
  expect(await outcome).toMatchObject([{ answer: 4 }])
  await sql.end()
})

test('after its end a pool opens no connection', async () => {
  const { sql, sockets } = breakablePool(1)
  await sql`select 1`
  await sql.end()
  await expect(Promise.resolve(sql`select 1`)).rejects.toMatchObject({ code: 'CONNECTION_ENDED' })
  expect(sockets).toHaveLength(1)
})

test.each([[[]], [['\n', '\x7f']]])(
  'arrays of texts and numbers go to Postgres and come back (%j)',
  async (controls) => {
    const texts = ['', 'a b', 'a,b', '{}', '"', '\\', '\\"', 'NULL', 'ü', '🌷', null, ...controls]
    const [row] = await database.sql`
    select ${texts}::text[] as texts, ${[1, -2, null]}::int[] as integers, ${[2 ** 53 - 1]}::bigint[] as bigints,
           ${[]}::text[] as none, array(select unnest(${texts}::text[])) as seen, 'a b' = any(${texts as string[]}) as found`
    const integers = [1, -2, null]
    expect(row).toEqual({ texts, integers, bigints: [2 ** 53 - 1], none: [], seen: texts, found: true })
  },
)

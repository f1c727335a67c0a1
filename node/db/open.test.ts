import { createServer } from 'node:net'
import pino from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDatabase, type TestDatabase } from '#test/postgres.ts'
import { openDatabase, whyNot } from './open.ts'

const log = pino({ level: 'silent' })
let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.drop())

const open = (databaseUrl: string) => openDatabase({ databaseUrl, dataDir: '/nowhere' }, log, { patience: '200ms' })
const changed = (change: (url: URL) => void) => {
  const url = new URL(database.url)
  change(url)
  return url.href
}

test('opens, reads a bigint as a number, and lets go', async () => {
  for (const _ of [1, 2]) {
    const opened = await open(database.url)
    expect(opened.url).toBe(database.url)
    const [row] =
      await opened.sql`select 9007199254740991::bigint as big, ${2 ** 40}::bigint as given, count(*) from generate_series(1, 3)`
    expect(row).toEqual({ big: 9007199254740991, given: 2 ** 40, count: 3 })
    await opened.stop()
  }
})

test('two nodes cannot have one database', async () => {
  const first = await open(database.url)
  await expect(open(database.url)).rejects.toThrow(
    'Another Hearth uses the database: stop it first, or give this one its own with DATABASE_URL.',
  )
  await first.stop()
})

test('two nodes can have a schema each', async () => {
  await database.sql`create schema one`
  await database.sql`create schema two`
  const nodes = await Promise.all(
    ['one', 'two'].map((name) => open(changed((url) => url.searchParams.set('search_path', name)))),
  )
  const [{ schema } = { schema: '' }] = await nodes[1]!.sql<{ schema: string }[]>`select current_schema() as schema`
  expect(schema).toBe('two')
  await Promise.all(nodes.map((node) => node.stop()))
})

test.each([
  [
    'a name that no database has',
    (url: URL) => (url.pathname = '/missing'),
    /^There is no database "missing" on .*createdb missing/,
  ],
  [
    'a wrong password',
    (url: URL) => (url.password = 'wrong'),
    /refuses the user "hearth": correct the user or password in DATABASE_URL\.$/,
  ],
])('says what to do about %s', async (_, change, sentence) => {
  await expect(open(changed(change))).rejects.toThrow(sentence)
})

test('says what to do when nothing answers', async () => {
  const port = await new Promise<number>((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
  await expect(open(`postgres://hearth@127.0.0.1:${port}/hearth`)).rejects.toThrow(
    `No Postgres answers at 127.0.0.1:${port} (ECONNREFUSED): check DATABASE_URL and that Postgres runs there.`,
  )
})

test('refuses a database whose commits could be lost', async () => {
  const name = new URL(database.url).pathname.slice(1)
  await database.sql`alter database ${database.sql(name)} set synchronous_commit = off`
  await expect(open(database.url)).rejects.toThrow(
    'This Postgres runs with synchronous_commit = off and could lose messages: set synchronous_commit = on.',
  )
  await database.sql`alter database ${database.sql(name)} reset synchronous_commit`
})

test('judges a server by its version, its durability and its encoding', () => {
  const good = {
    version: 160_004,
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    data_checksums: 'off',
    server_encoding: 'UTF8',
  }
  expect(whyNot(good)).toBeUndefined()
  expect(whyNot({ ...good, synchronous_commit: 'remote_apply' })).toBeUndefined()
  expect(whyNot({ ...good, version: 150_018 })).toBe(
    'Hearth needs Postgres 16 or newer, and this is Postgres 15: upgrade it, or leave DATABASE_URL out to use the embedded one.',
  )
  expect(whyNot({ ...good, fsync: 'off' })).toMatch(/fsync off/)
  expect(whyNot({ ...good, full_page_writes: 'off' })).toMatch(/full_page_writes off/)
  expect(whyNot({ ...good, synchronous_commit: 'local' })).toMatch(/synchronous_commit = local/)
  expect(whyNot({ ...good, server_encoding: 'SQL_ASCII' })).toMatch(/SQL_ASCII/)
})

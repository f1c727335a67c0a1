import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { testDatabase, type TestDatabase } from '#test/postgres.ts'
import { describeSchema } from './describe-schema.ts'
import { migrate } from './migrate.ts'

let database: TestDatabase
let folder: string

beforeEach(async () => {
  database = await testDatabase({ empty: true })
  folder = mkdtempSync(join(tmpdir(), 'hearth-migrations-'))
})
afterEach(async () => {
  await database.drop()
  rmSync(folder, { recursive: true })
})

const write = (name: string, sql: string) => writeFileSync(join(folder, name), sql)
const run = () => migrate(database.sql, { folder })

test('schema.sql is what the migrations make (after a migration: npm test -- node/db/migrate -u)', async () => {
  await migrate(database.sql)
  await expect(await describeSchema(database.sql)).toMatchFileSnapshot('./schema.sql')
})

test('schema.sql run in an empty database makes the same schema', async () => {
  await database.sql.file(new URL('./schema.sql', import.meta.url).pathname)
  await expect(await describeSchema(database.sql)).toMatchFileSnapshot('./schema.sql')
})

test('runs each migration once, in order', async () => {
  write('0002-b.sql', 'alter table one add column b int; insert into one values (1, 2);')
  write('0001-a.sql', 'create table one (a int);')
  expect(await run()).toEqual(['0001-a.sql', '0002-b.sql'])
  write('0003-c.sql', 'update one set b = 3;')
  expect(await run()).toEqual(['0003-c.sql'])
  expect(await run()).toEqual([])
  expect([...(await database.sql`select * from one`)]).toEqual([{ a: 1, b: 3 }])
})

test('two nodes that start at once run each migration once', async () => {
  write('0001-a.sql', 'create table one (a int);')
  const ran = await Promise.all([run(), run(), run()])
  expect(ran.flat()).toEqual(['0001-a.sql'])
})

test('a migration that fails leaves nothing of itself', async () => {
  write('0001-a.sql', 'create table one (a int);')
  write('0002-b.sql', 'create table two (a int); select 1 / 0;')
  await expect(run()).rejects.toThrow('division by zero')
  const tables = await database.sql<
    { name: string }[]
  >`select tablename as name from pg_tables where schemaname = 'public'`
  expect(tables.map((table) => table.name).toSorted()).toEqual(['one', 'schema_migrations'])
})

test('refuses a migration that was edited after it ran', async () => {
  write('0001-a.sql', 'create table one (a int);')
  await run()
  write('0001-a.sql', 'create table one (a bigint);')
  await expect(run()).rejects.toThrow(
    'The migration 0001-a.sql has been changed since this database was made with it: restore that file, and put the change into a new migration.',
  )
})

test('refuses a database that a newer version wrote', async () => {
  write('0001-a.sql', 'create table one (a int);')
  write('0002-b.sql', 'create table two (a int);')
  await run()
  rmSync(join(folder, '0002-b.sql'))
  await expect(run()).rejects.toThrow(
    'This database was written by a newer Hearth (0002-b.sql): start that version, or a later one.',
  )
})

test('refuses a gap in the numbers', async () => {
  write('0002-b.sql', 'select 1;')
  await expect(run()).rejects.toThrow('migration 0002-b.sql is out of order: 1 was expected')
})

test('the description does not depend on the order in which parts were made, and shows every kind of part', async () => {
  const { sql } = database
  await sql`create schema other`
  const first = `
    create type mood as enum ('low', 'high');
    create sequence places start 5;
    create table b (id bigint generated always as identity primary key, m mood not null default 'low', t text collate "C", check (id > 0));
    create table a (b bigint references b (id), n int generated always as (1 + 1) stored, unique (b));
    create index a_n on a (n desc) where n > 1;
    create view v as select n from a;
    create function f() returns trigger language plpgsql as $$ begin return new; end $$;
    create trigger g before insert on a for each row execute function f();`
  write('0001-a.sql', first)
  await run()
  const text = await describeSchema(sql)
  for (const part of [
    'create type mood',
    'create sequence places',
    'create table a',
    'references b',
    'a_n on a',
    'create view v',
    'function f()',
    'create trigger g',
  ]) {
    expect(text.toLowerCase()).toContain(part)
  }
  expect(text).not.toContain('public')
})

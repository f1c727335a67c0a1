import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { StartError } from '../config.ts'
import { connect, type Sql } from './connect.ts'
import { startEmbedded } from './embedded.ts'
import { HeldElsewhere, holdDatabase } from './hold.ts'
import { pause } from './pause.ts'
import { readLeftover } from './postmaster.ts'
import { transaction } from './transaction.ts'

const log = pino({ level: 'silent' })
let dataDir: string
const cluster = () => join(dataDir, 'postgres')

beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'hearth-embedded-'))
})
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

/** Runs `body` against a Postgres started on the data folder. */
async function withServer<T>(body: (sql: Sql, url: string) => Promise<T>, options: { port?: number } = {}): Promise<T> {
  const server = await startEmbedded({ dataDir, log, ...options })
  const sql = connect(server.url)
  try {
    return await body(sql, server.url)
  } finally {
    await sql.end({ timeout: 1 })
    await server.stop()
  }
}

/** A node, as far as Postgres is concerned, in a process of its own: starts Postgres, holds it, says so, and waits to be killed. */
async function startAnother(): Promise<{ kill(): Promise<void> }> {
  const here = (name: string) => JSON.stringify(new URL(name, import.meta.url).href)
  const program = `
    import pino from 'pino'
    import { startEmbedded } from ${here('./embedded.ts')}
    import { holdDatabase } from ${here('./hold.ts')}
    const log = pino({ level: 'silent' })
    const server = await startEmbedded({ dataDir: ${JSON.stringify(dataDir)}, log })
    await holdDatabase(server.url, log, () => process.exit(3))
    console.log('ready')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return {
    kill: async () => {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

const killServer = () => process.kill(readLeftover(cluster())?.pid ?? 0, 'SIGKILL')
const notes = async (sql: Sql) =>
  (await sql<{ text: string }[]>`select text from notes order by text`).map((row) => row.text)

test('makes its files on the first start, set for durability, readable by nobody else', async () => {
  const settings = await withServer(async (sql) => {
    await sql`create table notes (text text primary key)`
    await sql`insert into notes values ('kept')`
    return sql`
      select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
             current_setting('full_page_writes') as pages, current_setting('data_checksums') as checksums,
             current_setting('server_encoding') as encoding`
  })
  expect([...settings]).toEqual([{ fsync: 'on', commit: 'on', pages: 'on', checksums: 'on', encoding: 'UTF8' }])
  expect(statSync(cluster()).mode & 0o777).toBe(0o700)
  expect(statSync(join(dataDir, 'postgres-password')).mode & 0o777).toBe(0o600)
})

test('a second start finds the data', async () => {
  expect(await withServer(notes)).toEqual(['kept'])
})

test('is reached on a port of the loopback address where one is asked for, with the password only', async () => {
  await withServer(
    async (sql, url) => {
      expect(await notes(sql)).toEqual(['kept'])
      const stranger = new URL(url)
      stranger.password = 'wrong'
      const refused = connect(stranger.href, { max: 1 })
      await expect(refused`select 1`).rejects.toMatchObject({ code: '28P01' })
      await refused.end()
    },
    { port: 54_329 },
  )
})

test('starts on a cluster whose Postgres a killed node left running', async () => {
  const other = await startAnother()
  const before = readLeftover(cluster())?.pid
  await other.kill()
  expect(await withServer(async (sql) => [await notes(sql), readLeftover(cluster())?.pid === before])).toEqual([
    ['kept'],
    false,
  ])
})

test('starts after node and Postgres were both killed', async () => {
  const other = await startAnother()
  killServer()
  await other.kill()
  expect(await withServer(notes)).toEqual(['kept'])
})

test('leaves alone the Postgres of a node that lives', async () => {
  const other = await startAnother()
  const before = readLeftover(cluster())?.pid
  await expect(startEmbedded({ dataDir, log })).rejects.toThrow(/^Another Hearth uses .*: stop it first/)
  expect(readLeftover(cluster())?.pid).toBe(before)
  await other.kill()
})

test('does not mistake another process for its server: pids are given out again', async () => {
  await withServer(notes)
  writeFileSync(join(cluster(), 'postmaster.pid'), `${process.pid}\n${cluster()}\n1\n5432\n.\n`)
  expect(await withServer(notes)).toEqual(['kept'])
})

test('makes the files again when making them was cut short', async () => {
  const other = mkdtempSync(join(tmpdir(), 'hearth-embedded-'))
  mkdirSync(join(other, 'postgres-unfinished'))
  writeFileSync(join(other, 'postgres-unfinished', 'PG_VERSION'), '18\n')
  const server = await startEmbedded({ dataDir: other, log })
  await server.stop()
  expect(existsSync(join(other, 'postgres-unfinished'))).toBe(false)
  rmSync(other, { recursive: true })
})

test('a killed Postgres comes back, transactions under way fail, and none is half done or lost', async () => {
  await withServer(async (sql) => {
    const kept: number[] = []
    let running = true
    await sql`create table pairs (id int, half int)`
    const write = async (worker: number) => {
      for (let i = worker; running; i += 4) {
        try {
          await transaction(sql, async (tx) => {
            await tx`insert into pairs values (${i}, 1)`
            await tx`insert into pairs values (${i}, 2)`
          })
          kept.push(i)
        } catch (error) {
          expect(error).toBeInstanceOf(Error)
          await pause(5)
        }
      }
    }
    const workers = [0, 1, 2, 3].map(write)
    for (let kill = 0; kill < 3; kill++) {
      const reached = kept.length + 20
      while (kept.length < reached) await pause(5)
      killServer()
      await pause(20)
    }
    running = false
    await Promise.all(workers)
    await expect
      .poll(
        () =>
          sql`select 1`.then(
            () => 'up',
            () => 'down',
          ),
        { timeout: 10_000 },
      )
      .toBe('up')
    const found = await sql<{ id: number; halves: number }[]>`select id, count(*) as halves from pairs group by id`
    expect(found.every((row) => row.halves === 2)).toBe(true)
    const ids = new Set(found.map((row) => row.id))
    expect(kept.filter((id) => !ids.has(id))).toEqual([])
  })
})

test('one database has one holder, and a hold survives a restart of Postgres', async () => {
  await withServer(async (sql, url) => {
    let lost = false
    const hold = await holdDatabase(url, log, () => (lost = true))
    await expect(holdDatabase(url, log, () => undefined, { patience: '100ms' })).rejects.toThrow(HeldElsewhere)
    killServer()
    const holders = async () => (await sql`select 1 from pg_locks where locktype = 'advisory' and granted`).length
    await expect.poll(() => holders().catch(() => 0), { timeout: 10_000 }).toBe(1)
    expect(lost).toBe(false)
    await hold.release()
    const next = await holdDatabase(url, log, () => undefined)
    await next.release()
  })
})

test('says what to do about a folder that cannot be written, or that another Postgres wrote', async () => {
  const file = join(dataDir, 'a-file')
  writeFileSync(file, '')
  await expect(startEmbedded({ dataDir: join(file, 'data'), log })).rejects.toThrow(
    new StartError(
      `The data folder ${join(file, 'data')} cannot be written: set HEARTH_DATA_DIR to a folder that can be.`,
    ),
  )
  if (process.platform === 'linux') {
    await expect(startEmbedded({ dataDir: '/proc/hearth/data', log })).rejects.toThrow(
      /^The data folder \/proc\/hearth\/data cannot be written/,
    )
  }
  const version = readFileSync(join(cluster(), 'PG_VERSION'))
  writeFileSync(join(cluster(), 'PG_VERSION'), '17\n')
  await expect(startEmbedded({ dataDir, log })).rejects.toThrow(
    /was written by Postgres 17 .* set HEARTH_DATA_DIR to another folder\.$/,
  )
  writeFileSync(join(cluster(), 'PG_VERSION'), version)
})

import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort, startNodeProcess, type NodeProcess } from '../node-process.ts'
import { testDatabase, type TestDatabase } from '../postgres.ts'

/*
 * What a node writes of an evening on which people register, log in, mistype, talk and change their passwords, with everything logged that
 * can be. Neither its log nor its database may hold anything that opens a door.
 */

let node: NodeProcess
let database: TestDatabase
let folder: string
/** What nobody but its owner may hold, by what it is. */
const secrets = new Map<string, string>()

beforeAll(async () => {
  database = await testDatabase()
  folder = mkdtempSync(join(tmpdir(), 'hearth-secrets-'))
  node = await startNodeProcess({
    dataDir: folder,
    port: await freePort(),
    settings: { DATABASE_URL: database.url, HEARTH_LOG_LEVEL: 'trace' },
  })
  await spendTheEvening()
})
afterAll(async () => {
  await node.stop()
  await database.drop()
  rmSync(folder, { recursive: true, force: true })
})

type Body = Record<string, unknown>

async function call(method: string, path: string, body?: Body, token?: string): Promise<Body> {
  const response = await fetch(`${node.baseUrl}${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      // Whoever writes lines of a log into a header gets none of their own.
      'user-agent': 'Evil/1.0 {"level":60}',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  return (await response.json()) as Body
}

const keep = (what: string, value: unknown): string => {
  secrets.set(what, String(value))
  return String(value)
}
const client = '/_matrix/client/v3'
const passwordLogin = (password: string) => ({
  type: 'm.login.password',
  identifier: { type: 'm.id.user', user: 'ayse' },
  password,
})

async function spendTheEvening(): Promise<void> {
  const setup = keep('the set-up token', node.setupPath!.split('/').at(-1))
  const first = keep('the first password', 'a secret cat in the garden')
  const wanted = { username: 'ayse', password: first, refresh_token: true }
  const { session } = await call('POST', `${client}/register`, wanted)
  const auth = { type: 'm.login.registration_token', token: setup, session }
  const made = await call('POST', `${client}/register`, { ...wanted, auth })
  const token = keep('an access token', made['access_token'])
  const renewed = await call('POST', `${client}/refresh`, {
    refresh_token: keep('a refresh token', made['refresh_token']),
  })
  const newer = keep('a newer access token', renewed['access_token'])
  keep('a newer refresh token', renewed['refresh_token'])
  await call('POST', `${client}/login`, passwordLogin(keep('a password mistyped', 'a secret cap in the garden')))
  keep('the token of another device', (await call('POST', `${client}/login`, passwordLogin(first)))['access_token'])
  await call('GET', `${client}/sync`, undefined, keep('a token that is none', `${token.slice(0, -4)}wxyz`))
  await call('GET', `${client}/account/whoami?access_token=${newer}`)
  const room = await call('POST', `${client}/createRoom`, { name: 'Evening' }, newer)
  const send = `${client}/rooms/${encodeURIComponent(String(room['room_id']))}/send/m.room.message/1`
  await call('PUT', send, { msgtype: 'm.text', body: keep('what was said', 'the gold is under the plum tree') }, newer)
  keep('an invitation', (await call('POST', '/_hearth/client/v1/invites', {}, newer))['token'])
  await call('POST', `${client}/login`, { password: ['not', 'a', 'password'], type: 'm.login.password' })
  const next = keep('the next password', 'another secret cat on the roof')
  await call('POST', `${client}/account/password`, { new_password: next, auth: passwordLogin(first) }, newer)
  await call('GET', `${client}/sync?timeout=0`, undefined, newer)
}

test('the evening went as it should', async () => {
  expect([...secrets].filter(([, value]) => value === 'undefined').map(([what]) => what)).toEqual([])
  expect((await call('POST', `${client}/login`, passwordLogin(secrets.get('the next password')!)))['user_id']).toBe(
    '@ayse:localhost',
  )
})

const linesOf = (output: string) => output.split('\n').filter((line) => line.startsWith('{'))

test('no line of the log tells a secret, and every line is one of ours', () => {
  // The greeting is for whoever started the node, and holds the link that makes the first account.
  const log = linesOf(node.output()).join('\n')
  expect(log).toContain('"path":"/_matrix/client/v3/login"')
  expect([...secrets].filter(([, value]) => log.includes(value)).map(([what]) => what)).toEqual([])
  for (const line of linesOf(log)) expect(() => JSON.parse(line) as unknown).not.toThrow()
  expect(log).not.toContain('\u001b')
})

test('no row of the database opens a door', async () => {
  const tables = await database.sql<{ name: string }[]>`
    select tablename as name from pg_tables where schemaname = 'public' order by tablename`
  const rows: string[] = []
  for (const { name } of tables)
    for (const { row } of await database.sql<
      { row: string }[]
    >`select row_to_json(t)::text as row from ${database.sql(name)} t`)
      rows.push(`${name} ${row}`)
  const doors = [...secrets].filter(([what]) => what !== 'what was said')
  const held = doors.filter(([, value]) => rows.some((row) => row.includes(value))).map(([what]) => what)
  expect(held).toEqual([])
  // What it holds in their place is a hash, and one of a password is a slow one.
  const token = createHash('sha256').update(secrets.get('a newer access token')!).digest()
  expect(
    rows.some(
      (row) => row.includes(token.toString('base64').replace(/=+$/, '')) || row.includes(token.toString('hex')),
    ),
  ).toBe(true)
  expect(rows.some((row) => row.includes('$argon2id$'))).toBe(true)
})

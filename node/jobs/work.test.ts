import { afterAll, beforeAll, expect, test } from 'vitest'
import { identifyToken } from '#node/accounts/identify-token.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Slice } from '#node/slice.ts'
import { serveSlices, type ServedSlices } from '#test/serve-slices.ts'
import { doubling } from './backoff.ts'
import { enqueueAlone, jobWrite, withdraw } from './enqueue.ts'
import { jobKind, type Outcome } from './job-kind.ts'

interface Note {
  readonly name: string
}

const done: string[] = []
/** What a job does when its name is called; `done` notes that it ran. */
const plans = new Map<string, (signal: AbortSignal) => Promise<Outcome>>()

const noteKind = jobKind<Note>(
  'note',
  async (_, { name }, { number, signal }) => {
    done.push(`${name} ${number}`)
    return await plans.get(name)?.(signal)
  },
  { backoff: doubling(60_000, 240_000, 4), leaseMs: 3_600_000 },
)
const fails = () => Promise.reject(new Error('not now'))
const slice: Slice = { name: 'notes', jobs: [noteKind] }

const options = { identifyToken, settings: { HEARTH_LOG_LEVEL: 'silent' } }
let node: ServedSlices
beforeAll(async () => {
  node = await serveSlices([slice], options)
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const add = (name: string, options = {}) => enqueueAlone(node.deps, noteKind, { name }, options)
const ran = async () => {
  await node.worker.idle()
  return done.splice(0)
}
const left = async () =>
  (await node.deps.sql<{ name: string }[]>`select payload::json ->> 'name' as name from jobs order by id`).map(
    (row) => row.name,
  )

test('a job of a transaction runs after it, and is gone when it is done', async () => {
  await add('one')
  expect(await ran()).toEqual(['one 1'])
  await node.deps.stream.append([jobWrite(noteKind, { name: 'of the log' })])
  expect(await ran()).toEqual(['of the log 1'])
  expect(await left()).toEqual([])
})

test('a transaction that fails causes no work', async () => {
  const failing = transaction(node.deps.sql, async (tx) => {
    await tx`insert into jobs (kind, lane, payload, run_at) values ('note', 'x', '{"name":"undone"}', 0)`
    throw new Error('rolled back')
  })
  await expect(failing).rejects.toThrow('rolled back')
  expect(await ran()).toEqual([])
})

test('a lane runs in series, and waits for the one that failed; other lanes do not', async () => {
  plans.set('first', fails)
  await add('first', { lane: 'a' })
  await add('second', { lane: 'a' })
  await add('elsewhere', { lane: 'b' })
  expect((await ran()).toSorted()).toEqual(['elsewhere 1', 'first 1'])
  node.clock.advance(30_000)
  expect(await ran()).toEqual([])
  plans.delete('first')
  node.clock.advance(30_000)
  expect(await ran()).toEqual(['first 2', 'second 1'])
})

test('waits twice as long after every failure, then gives up, tells why, and lets the lane go on', async () => {
  plans.set('hopeless', fails)
  await add('hopeless', { lane: 'c' })
  await add('patient', { lane: 'c' })
  const seen = await ran()
  for (const waitMs of [60_000, 120_000, 240_000]) {
    node.clock.advance(waitMs)
    seen.push(...(await ran()))
  }
  expect(seen).toEqual(['hopeless 1', 'hopeless 2', 'hopeless 3', 'hopeless 4', 'patient 1'])
  const [row] = await node.deps.sql`select attempts, last_error from jobs where failed_at is not null`
  expect(row).toEqual({ attempts: 4, last_error: 'not now' })
  await node.deps.sql`delete from jobs`
})

test('a job of a later time waits for it', async () => {
  await add('tomorrow', { key: 'tomorrow', runAt: node.clock.now() + 86_400_000 })
  expect(await ran()).toEqual([])
  node.clock.advance(86_400_000)
  expect(await ran()).toEqual(['tomorrow 1'])
})

test('two with one key are one; what is asked for again while it runs, runs again', async () => {
  const runAt = node.clock.now() + 120_000
  await add('merged', { key: 'm', runAt })
  await add('merged', { key: 'm', runAt: runAt - 60_000 })
  node.clock.advance(60_000)
  expect(await ran()).toEqual(['merged 1'])

  const { promise: hold, resolve: release } = Promise.withResolvers<void>()
  plans.set('long', () => hold)
  await add('long', { key: 'l' })
  await expect.poll(() => done).toEqual(['long 1'])
  await add('long', { key: 'l' })
  plans.delete('long')
  release()
  expect(await ran()).toEqual(['long 1', 'long 1'])
  expect(await left()).toEqual([])
})

test('a job that is taken back does not run', async () => {
  await add('never', { key: 'n', runAt: node.clock.now() + 60_000 })
  expect(await transaction(node.deps.sql, (tx) => withdraw(tx, noteKind, 'n'))).toBe(true)
  expect(await transaction(node.deps.sql, (tx) => withdraw(tx, noteKind, 'n'))).toBe(false)
  node.clock.advance(60_000)
  expect(await ran()).toEqual([])
})

test('a job says itself when it wants to run again', async () => {
  const again = node.clock.now() + 60_000
  plans.set('daily', () => Promise.resolve({ againAt: again }))
  await add('daily', { key: 'd' })
  expect(await ran()).toEqual(['daily 1'])
  plans.delete('daily')
  node.clock.advance(60_000)
  expect(await ran()).toEqual(['daily 1'])
  expect(await left()).toEqual([])
})

test('an attempt that takes too long is aborted, and counts as failed', async () => {
  const aborted: unknown[] = []
  plans.set('slow', (signal) => {
    signal.addEventListener('abort', () => aborted.push((signal.reason as Error).message))
    return new Promise(() => undefined)
  })
  await add('slow')
  await expect.poll(() => done).toEqual(['slow 1'])
  node.clock.advance(3_600_000)
  expect(await ran()).toEqual(['slow 1'])
  expect(aborted).toEqual(['This took too long.'])
  plans.delete('slow')
  node.clock.advance(60_000)
  expect(await ran()).toEqual(['slow 2'])
})

test('what a node was working on when it ended is done by the next start', async () => {
  const { promise: never } = Promise.withResolvers<void>()
  plans.set('cut off', () => never)
  await add('cut off')
  await expect.poll(() => done.splice(0)).toEqual(['cut off 1'])
  await node.stop()
  plans.delete('cut off')
  node = await serveSlices([slice], { ...options, database: node.database })
  expect(await ran()).toEqual(['cut off 1'])
  expect(await left()).toEqual([])
})

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createLogger } from '#node/deps.ts'
import { movableClock, type MovableClock } from '#test/serve-slices.ts'
import { SideProcesses } from './side-processes.ts'

interface Job {
  readonly do: 'echo' | 'crash' | 'hang' | 'fill' | 'see'
  readonly value?: unknown
}

const worker = `
  process.on('message', (job) => {
    if (job.do === 'crash') process.abort()
    if (job.do === 'hang') for (;;);
    if (job.do === 'fill') for (const all = []; ; ) all.push(new Array(1e6).fill({}))
    if (job.do === 'see') process.send(Object.keys(process.env))
    if (job.do === 'echo') process.send([process.pid, job.value])
  })
  process.send('ready')`

let folder: string
let clock: MovableClock
let side: SideProcesses<Job, [number, unknown]>
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hearth-side-'))
  await writeFile(join(folder, 'worker.mjs'), worker)
})
afterAll(() => rm(folder, { recursive: true }))
beforeEach(() => {
  clock = movableClock()
  side = new SideProcesses(clock, createLogger('silent'), {
    module: pathToFileURL(join(folder, 'worker.mjs')),
    deadlineMs: 5_000,
    most: 2,
    maxWaiting: 3,
    heapMb: 32,
  })
})
afterEach(() => side.stop())

const echo = (value: unknown) => side.run({ do: 'echo', value })

test('jobs are done, one at a time in each process, and processes are used again', async () => {
  const answers = await Promise.all([1, 2, 3, 4, 5].map(echo))
  expect(answers.map(([, value]) => value)).toEqual([1, 2, 3, 4, 5])
  expect(new Set(answers.map(([pid]) => pid)).size).toBe(2)
  expect(answers.map(([pid]) => pid)).toContain((await echo(Buffer.from('x')))[0])
})

test('one that crashes, or fills its memory, takes its own job along and no other', async () => {
  const failed = [side.run({ do: 'crash' }), side.run({ do: 'fill' })]
  const [good] = [echo('good')]
  for (const one of failed) await expect(one).rejects.toMatchObject({ problem: 'died' })
  expect((await good!)[1]).toBe('good')
})

test('one that does not end is ended', async () => {
  const hanging = expect(side.run({ do: 'hang' })).rejects.toMatchObject({ problem: 'too slow' })
  const passing = setInterval(() => clock.advance(5_000), 50)
  await hanging.finally(() => clearInterval(passing))
  expect((await echo('next'))[1]).toBe('next')
})

test('beyond those that may wait, nobody waits', async () => {
  const hanging = Array.from({ length: 5 }, () => side.run({ do: 'hang' }).catch((error: unknown) => error))
  await expect(echo('one more')).rejects.toMatchObject({ problem: 'busy' })
  side.stop()
  for (const one of hanging) expect(await one).toMatchObject({ problem: 'died' })
})

test('a process that nobody needs ends', async () => {
  const [pid] = await echo('a')
  expect(process.kill(pid, 0)).toBe(true)
  clock.advance(30_000)
  await expect.poll(() => isAlive(pid)).toBe(false)
  expect((await echo('b'))[0]).not.toBe(pid)
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    expect(error).toMatchObject({ code: 'ESRCH' })
    return false
  }
}

test('it has none of the settings', async () => {
  expect(await side.run({ do: 'see' })).toEqual([])
})

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { countTests } from './launch.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
let folder: string
const children: ChildProcess[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hearth-launch-'))
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** A clone in which everything is installed that it asks for: nothing. `main` is its node/main.ts. */
function plantClone(main: string): void {
  cpSync(join(root, 'launcher'), join(folder, 'launcher'), { recursive: true })
  mkdirSync(join(folder, 'node'))
  mkdirSync(join(folder, 'node_modules'))
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  writeFileSync(join(folder, 'node', 'main.ts'), main)
  for (const name of ['package-lock.json', 'node_modules/.package-lock.json'])
    writeFileSync(join(folder, name), '{"packages":{}}')
}

function launch(args: string[]) {
  const { npm_lifecycle_event: _, npm_execpath: __, ...own } = process.env
  const child = spawn(process.execPath, [join(folder, 'launcher', 'launch.mjs'), ...args], { env: own })
  children.push(child)
  const said = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text))
  const ended = once(child, 'close').then(([code]) => ({ code: code as number, ...said }))
  return { child, said, ended }
}

async function speaks(said: { out: string }, text: string): Promise<void> {
  await expect.poll(() => said.out, { timeout: 10_000 }).toContain(text)
}

test('runs the node with its arguments, and ends with its exit code', async () => {
  plantClone(`console.log('given', process.argv.slice(2).join(' ')); process.exitCode = 7`)
  const { code, out } = await launch(['start', 'a', 'b']).ended
  expect([code, out.trim()]).toEqual([7, 'given a b'])
})

const waiting = `
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => { console.log('got', signal); setTimeout(() => process.exit(0), 300) })
  setInterval(() => undefined, 1000)
  console.log('up', process.pid)`

test.each([
  ['SIGTERM', 'SIGTERM'],
  ['SIGINT', 'SIGINT'],
  ['SIGHUP', 'SIGTERM'],
] as const)('hands %s on, once, and waits for the node to end', async (sent, got) => {
  plantClone(waiting)
  const { child, said, ended } = launch(['start'])
  await speaks(said, 'up')
  child.kill(sent)
  child.kill(sent)
  const { code, out } = await ended
  expect([code, out.split('\n').filter((line) => line.startsWith('got'))]).toEqual([0, [`got ${got}`]])
})

test('a launcher that is killed takes the node with it', async () => {
  plantClone(waiting)
  const { child, said } = launch(['start'])
  await speaks(said, 'up')
  const pid = Number(/up (\d+)/.exec(said.out)?.[1])
  child.kill('SIGKILL')
  await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false)
  expect(said.out).toContain('got SIGTERM')
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

test.each([
  [['nonsense'], /^There is no command "nonsense": try start, play, test, .*\.\n$/],
  [['bench'], 'test/bench/bench.ts is missing: this clone is not whole.\n'],
])('%j: one sentence, and not 0', async (args, sentence) => {
  plantClone('')
  const { code, err } = await launch(args).ended
  expect(code).toBe(1)
  expect(err).toMatch(sentence)
})

test('without npm it says so', async () => {
  plantClone('')
  rmSync(join(folder, 'node_modules'), { recursive: true })
  mkdirSync(join(folder, 'bin'))
  cpSync(process.execPath, join(folder, 'bin', 'node'))
  const child = spawn(join(folder, 'bin', 'node'), [join(folder, 'launcher', 'launch.mjs'), 'start'], {
    env: { PATH: folder },
  })
  let err = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  const [code] = (await once(child, 'close')) as [number]
  expect([code, err]).toEqual([1, 'npm was not found: install npm (it comes with Node) and start again.\n'])
})

test('says so when the clone cannot be written', async () => {
  plantClone('')
  writeFileSync(join(folder, '.hearth'), 'a file where the folder should be')
  const { code, err } = await launch(['start']).ended
  expect([code, err]).toEqual([
    1,
    `${join(folder, '.hearth')} cannot be written (EEXIST): give this user the right to, or clone Hearth elsewhere.\n`,
  ])
})

test('the real node: each thing that keeps it from starting is one sentence and an exit code', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const port = String((taken.address() as AddressInfo).port)
  const quiet = { HEARTH_DATA_DIR: folder, HEARTH_LOG_LEVEL: 'silent', HEARTH_FEDERATION_PORT: '0', DATABASE_URL: '' }
  const cases: [env: Record<string, string>, sentence: RegExp][] = [
    [{ ...quiet, HEARTH_PORT: port }, new RegExp(`^Port ${port} is taken by another program: .*\\.\n$`)],
    [{ ...quiet, HEARTH_DATA_DIR: '/dev/null/data' }, /^The data folder \/dev\/null\/data cannot be written: .*\.\n$/],
    [
      { ...quiet, DATABASE_URL: 'postgres://hearth@127.0.0.1:1/hearth' },
      /^No Postgres answers at 127\.0\.0\.1:1 .*\.\n$/,
    ],
    [{ ...quiet, HEARTH_PROT: '80' }, /^HEARTH_PROT is not a setting: did you mean HEARTH_PORT\?\n$/],
  ]
  for (const [env, sentence] of cases) {
    const { status, stderr } = spawnSync(process.execPath, ['node/main.ts'], { cwd: root, env, encoding: 'utf8' })
    expect([status, stderr]).toEqual([1, expect.stringMatching(sentence)])
  }
  taken.close()
})

test('launchers prepare one after the other, and a lock that a killed one left is taken over', async () => {
  const file = join(folder, 'preparing')
  const log = join(folder, 'log')
  writeFileSync(file, '4194305')
  const program = `
    import { appendFileSync } from 'node:fs'
    import { setTimeout } from 'node:timers/promises'
    import { alone } from ${JSON.stringify(new URL('./alone.mjs', import.meta.url).href)}
    await alone(${JSON.stringify(file)}, async () => {
      appendFileSync(${JSON.stringify(log)}, 'in ')
      await setTimeout(100)
      appendFileSync(${JSON.stringify(log)}, 'out ')
    })`
  const run = () => once(spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' }), 'exit')
  await Promise.all([run(), run(), run()])
  expect(readFileSync(log, 'utf8')).toBe('in out in out in out ')
  expect(existsSync(file)).toBe(false)
})

test('the tests end with counts that agree with the exit code', () => {
  const results = { numPassedTests: 5, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] }
  expect(countTests(results, 0)).toBe('5 passed, 0 failed')
  expect(countTests({ ...results, numFailedTests: 2, numPendingTests: 1 }, 1)).toBe('5 passed, 2 failed, 1 skipped')
  expect(countTests({ ...results, testResults: [{ status: 'failed', assertionResults: [] }] }, 1)).toBe(
    '5 passed, 1 failed',
  )
  expect(countTests(results, 1)).toBe('5 passed, 1 failed')
  expect(countTests(undefined, 1)).toBe('0 passed, 1 failed')
})

test('the commands of package.json are those of the launcher', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  for (const [name, command] of Object.entries(scripts)) expect(command).toBe(`node launcher/launch.mjs ${name}`)
})

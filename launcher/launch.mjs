// @ts-check
// The one way in: `npm start`, `npm test` and the other commands of package.json. Runs on Node 20 with nothing installed, so it may import
// nothing but Node's own modules and the files beside it.
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { alone } from './alone.mjs'
import { buildWebApp } from './build-web-app.mjs'
import { findNode, installDependencies } from './install.mjs'
import { runInForeground, runQuietly } from './run.mjs'
import { LaunchError, step } from './step.mjs'

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[/\\]$/, '')
const state = join(root, '.hearth')

/** @typedef {(node: string, args: string[]) => Promise<number>} Task */

/** @type {Record<string, { webApp: boolean, run: Task }>} */
const tasks = {
  start: { webApp: true, run: (node, args) => serve(node, 'node/main.ts', args) },
  play: { webApp: true, run: (node, args) => serve(node, 'test/play.ts', args) },
  test: { webApp: true, run: test },
  check: { webApp: false, run: check },
  format: { webApp: false, run: (node) => tool(node, 'prettier', ['--write', '--log-level', 'warn', '.']) },
  build: { webApp: false, run: build },
  bench: { webApp: false, run: (node, args) => serve(node, 'test/bench/bench.ts', args) },
  chaos: { webApp: false, run: (node, args) => serve(node, 'test/chaos/chaos.ts', args) },
  mutate: { webApp: false, run: mutate },
}

/** @param {string[]} argv */
async function launch([name = 'start', ...args]) {
  const task = tasks[name]
  if (!task) throw new LaunchError(`There is no command "${name}": try ${Object.keys(tasks).join(', ')}.`)
  process.chdir(root)
  makeStateFolder()
  const node = await alone(join(state, 'preparing'), async () => {
    const found = await findNode(root)
    await installDependencies(root, found)
    if (task.webApp) await buildWebApp(root, found)
    return found
  })
  return await task.run(node, args)
}

function makeStateFolder() {
  try {
    mkdirSync(state, { recursive: true })
    accessSync(state, constants.W_OK)
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error)
    throw new LaunchError(
      `${state} cannot be written (${code}): give this user the right to, or clone Hearth elsewhere.`,
    )
  }
}

/**
 * Runs one of our programs until it ends or is told to.
 * @param {string} node
 * @param {string} file
 * @param {string[]} args
 */
async function serve(node, file, args) {
  if (!existsSync(join(root, file))) throw new LaunchError(`${file} is missing: this clone is not whole.`)
  const follow = pathToFileURL(join(root, 'launcher', 'follow-parent.mjs')).href
  return await runInForeground(node, ['--import', follow, file, ...args], {
    env: { NODE_COMPILE_CACHE: join(state, 'compile-cache') },
  })
}

/**
 * What only this needs is installed only for it.
 * @type {Task}
 */
async function mutate(node, args) {
  const folder = join('test', 'mutation')
  await installDependencies(join(root, folder), node)
  const stryker = join(folder, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js')
  return await serve(node, stryker, ['run', join(folder, 'stryker.config.mjs'), ...args])
}

/** @type {Task} */
async function build(node) {
  await buildWebApp(root, node, { force: true })
  return 0
}

/** @type {Task} */
async function test(node, args) {
  await step('Looking for a browser', () => prepareBrowser(node))
  const results = join(state, 'test-results.json')
  rmSync(results, { force: true })
  const code = await tool(node, 'vitest', [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${results}`,
    ...args,
  ])
  const line = countTests(existsSync(results) ? JSON.parse(readFileSync(results, 'utf8')) : undefined, code)
  process.stdout.write(`${line}\n`)
  return code
}

/** @param {string} node */
async function prepareBrowser(node) {
  const file = pathToFileURL(join(root, 'test', 'chromium.ts')).href
  const program = `import(${JSON.stringify(file)}).then((module) => module.chromiumPath())`
  const { code, output } = await runQuietly(node, ['--input-type=module', '-e', program], { cwd: root })
  if (code !== 0) throw new LaunchError(`The tests have no browser to run in:\n${output.trim()}`)
}

/**
 * The last line of the tests: counts that agree with the exit code, whatever went wrong.
 * @param {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number,
 *   testResults: { status: string, assertionResults: unknown[] }[] } | undefined} results
 * @param {number} code
 */
export function countTests(results, code) {
  const passed = results?.numPassedTests ?? 0
  const skipped = (results?.numPendingTests ?? 0) + (results?.numTodoTests ?? 0)
  const broken = results?.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
  const failed = (results?.numFailedTests ?? 0) + (broken?.length ?? 0)
  const counts = [`${passed} passed`, `${Math.max(failed, code === 0 ? 0 : 1)} failed`]
  return [...counts, ...(skipped > 0 ? [`${skipped} skipped`] : [])].join(', ')
}

/** @type {Task} */
async function check(node) {
  /** @type {[string, string, string[]][]} */
  const checks = [
    ['types', 'tsc', ['-p', '.']],
    ['lint', 'oxlint', ['--type-aware', '--deny-warnings']],
    ['format', 'prettier', ['--check', '--log-level', 'warn', '.']],
    ['architecture', 'vitest', ['run', '--config', 'test/no-database.config.ts']],
  ]
  const failed = []
  for (const [name, program, args] of checks) {
    const code = await step(`Checking ${name}`, () => tool(node, program, args))
    if (code !== 0) failed.push(name)
  }
  process.stdout.write(failed.length === 0 ? 'All checks pass.\n' : `Not in order: ${failed.join(', ')}.\n`)
  return failed.length === 0 ? 0 : 1
}

/**
 * Runs a program from node_modules/.bin, by the file that its package names: .bin holds shell scripts on Windows.
 * @param {string} node
 * @param {string} name
 * @param {string[]} args
 */
async function tool(node, name, args) {
  const packageName = name === 'tsc' ? 'typescript' : name
  const folder = join(root, 'node_modules', packageName)
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return await runInForeground(node, [join(folder, typeof bin === 'string' ? bin : bin[name]), ...args])
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    process.exitCode = await launch(process.argv.slice(2))
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  }
}

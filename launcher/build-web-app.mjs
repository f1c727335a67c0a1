// @ts-check
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { runQuietly } from './run.mjs'
import { LaunchError, step } from './step.mjs'

/** What the built files depend on. */
const sources = ['package-lock.json', 'spec', 'client-sdk', 'web-ui']

/**
 * Builds web-ui/dist, unless it was built from these very sources.
 * @param {string} root
 * @param {string} node the program that runs vite
 * @param {{ force?: boolean }} [options]
 */
export async function buildWebApp(root, node, { force = false } = {}) {
  if (!existsSync(join(root, 'web-ui', 'vite.config.ts'))) return
  const stamp = join(root, '.hearth', 'web-app-sources')
  const hash = hashOf(root)
  const built = existsSync(join(root, 'web-ui', 'dist', 'index.html')) && existsSync(stamp)
  if (!force && built && readFileSync(stamp, 'utf8') === hash) return
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  const { code, output } = await step('Building the web app', () =>
    runQuietly(node, [vite, 'build', 'web-ui', '--logLevel', 'warn'], { cwd: root }),
  )
  if (code !== 0) throw new LaunchError(`The web app could not be built:\n${output.trim()}`)
  writeFileSync(stamp, hash)
}

/** @param {string} root */
function hashOf(root) {
  const hash = createHash('sha256')
  for (const source of sources) {
    const path = join(root, source)
    for (const file of existsSync(path) ? filesOf(path) : []) {
      hash.update(`${relative(root, file)}\0`)
      hash.update(readFileSync(file))
    }
  }
  return hash.digest('hex')
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function filesOf(path) {
  if (path.endsWith('.json')) return [path]
  return readdirSync(path, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .filter((entry) => entry.name !== 'dist' && entry.name !== 'vectors' && !/\.(test\.tsx?|md)$/.test(entry.name))
    .flatMap((entry) => (entry.isDirectory() ? filesOf(join(path, entry.name)) : [join(path, entry.name)]))
}

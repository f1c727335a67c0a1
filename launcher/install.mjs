// @ts-check
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { runQuietly } from './run.mjs'
import { LaunchError, step } from './step.mjs'

/**
 * @typedef {string | string[]} Fits
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, os?: Fits, cpu?: Fits, libc?: Fits }} LockedPackage
 */

/**
 * Installs what the lockfile of `root` names, unless it is there already.
 * @param {string} root
 * @param {string} node the program that runs npm: some packages refuse an older one
 */
export async function installDependencies(root, node) {
  if (isInstalled(root)) return
  await step('Installing dependencies from npm', () => npmCi(root, node))
}

/** Node runs TypeScript from 22.18 and 24 on; argon2 has been part of it since 24.7. */
const oldestNode = { major: 24, minor: 7 }

/** @param {string} version */
export function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > oldestNode.major || (major === oldestNode.major && minor >= oldestNode.minor)
}

/**
 * The Node that the product runs on: this one, or one from npm that is kept under .hearth/.
 * @param {string} root
 * @returns {Promise<string>} the path of the program
 */
export async function findNode(root) {
  if (isNewEnough(process.versions.node)) return process.execPath
  const folder = join(root, '.hearth', 'node')
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  if (!pickRuntime(join(root, 'launcher', 'node-runtime'), folder, name)) throw noNode()
  const program = join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (!isInstalled(folder)) {
    await step('Installing Node 24 from npm', () => npmCi(folder, process.execPath))
    await checkNode(program)
  }
  return program
}

/**
 * Writes a package.json and a lockfile with the one runtime that is for this machine: left optional, npm would not say that it failed.
 * @param {string} source
 * @param {string} folder
 * @param {string} name
 * @returns {boolean} whether there is one
 */
function pickRuntime(source, folder, name) {
  const locked = readLock(join(source, 'package-lock.json'))?.[`node_modules/${name}`]
  if (!locked) return false
  const own = { name: 'hearth-node-runtime', private: true, dependencies: { [name]: locked.version } }
  const { optional: _, ...required } = locked
  const lock = {
    name: own.name,
    lockfileVersion: 3,
    requires: true,
    packages: { '': own, [`node_modules/${name}`]: required },
  }
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify(own))
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock))
  return true
}

/** @param {string} program */
async function checkNode(program) {
  const answer = existsSync(program)
    ? await runQuietly(program, ['--version'], { cwd: dirname(program) }).catch(() => undefined)
    : undefined
  if (answer?.code !== 0) throw noNode()
}

const noNode = () =>
  new LaunchError(
    `Hearth needs Node 24.7 or newer, this is ${process.versions.node}, and npm has none that runs on this machine: install one from nodejs.org.`,
  )

/**
 * Whether node_modules holds exactly what the lockfile says. npm writes what it installed into a lockfile of its own, as its last act.
 * @param {string} root
 */
export function isInstalled(root) {
  const wanted = readLock(join(root, 'package-lock.json'))
  const found = readLock(join(root, 'node_modules', '.package-lock.json'))
  if (!wanted || !found) return false
  for (const [path, locked] of Object.entries(wanted)) {
    const there = found[path]
    const right = there ? there.version === locked.version && there.integrity === locked.integrity : mayBeAbsent(locked)
    if (path !== '' && !right) return false
  }
  return Object.keys(found).every((path) => path in wanted)
}

/**
 * npm leaves out what is for other machines, and says nothing when it could not fetch what is for this one.
 * @param {LockedPackage} locked
 */
function mayBeAbsent({ optional, os, cpu, libc }) {
  if (!optional) return false
  const forThisMachine = os !== undefined && fits(os, process.platform) && fits(cpu, process.arch) && libc === undefined
  return !forThisMachine
}

/**
 * @param {Fits | undefined} list names, or names with a ! for "all but"
 * @param {string} own
 */
function fits(list, own) {
  const names = [list ?? []].flat()
  return names.includes(own) || (names.every((name) => name.startsWith('!')) && !names.includes(`!${own}`))
}

/**
 * @param {string} path
 * @returns {Record<string, LockedPackage> | undefined}
 */
function readLock(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : undefined
}

/**
 * @param {string} cwd
 * @param {string} node
 */
async function npmCi(cwd, node) {
  const [program, ...before] = npmCommand(node)
  const args = ['ci', '--include=dev', '--include=optional', '--ignore-scripts', '--no-audit', '--no-fund']
  const { code, output } = await runQuietly(program, [...before, ...args], { cwd }).catch((error) => {
    throw new LaunchError(
      error.code === 'ENOENT' || error.code === 'EACCES'
        ? 'npm was not found: install npm (it comes with Node) and start again.'
        : `npm could not be run: ${error.message}.`,
    )
  })
  if (code !== 0) throw whyNpmFailed(output, cwd)
  if (!isInstalled(cwd)) {
    rmSync(join(cwd, 'node_modules', '.package-lock.json'), { force: true })
    throw whyNpmFailed('ENOTFOUND', cwd)
  }
}

/**
 * @param {string} output
 * @param {string} folder
 */
export function whyNpmFailed(output, folder) {
  const codes = (/** @type {string} */ list) => new RegExp(`\\b(${list})\\b`).test(output)
  if (codes('ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT')) {
    return new LaunchError('npm cannot reach its registry: connect this machine to the internet and start again.')
  }
  if (codes('ENOSPC')) return new LaunchError(`The disk of ${folder} is full: free about 1 GB and start again.`)
  if (codes('EACCES|EPERM|EROFS')) {
    return new LaunchError(`npm may not write to ${folder}: give this user the right to, or clone Hearth elsewhere.`)
  }
  const said = output.split('\n').filter((line) => /^npm (error|ERR!) \S/.test(line))
  return new LaunchError(`npm could not install what Hearth needs; it said:\n${said.slice(0, 12).join('\n')}`)
}

/**
 * The npm that started us, else the one beside this Node, else the one on the path.
 * @param {string} node
 * @returns {[string, ...string[]]}
 */
function npmCommand(node) {
  const home = dirname(process.execPath)
  const candidates = [
    process.env['npm_execpath'] ?? '',
    join(home, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(home, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ]
  const cli = candidates.find((path) => path.endsWith('npm-cli.js') && existsSync(path))
  if (cli) return [node, cli]
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm']
}

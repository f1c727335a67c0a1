// @ts-check
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import process from 'node:process'

/** Stands for the signals that end a program; a terminal that closes asks no more than that. */
const forwarded = /** @type {const} */ ({ SIGINT: 'SIGINT', SIGTERM: 'SIGTERM', SIGHUP: 'SIGTERM' })

/**
 * Runs a program in the foreground, hands every signal on to it once, and resolves with its exit code.
 * The program stands in a process group of its own: Ctrl-C reaches it through here alone, and not a second time from the terminal.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ env?: Record<string, string | undefined> }} [options]
 * @returns {Promise<number>}
 */
export function runInForeground(program, args, options = {}) {
  const child = spawn(program, args, {
    stdio: 'inherit',
    detached: process.platform !== 'win32',
    env: { ...process.env, ...options.env },
  })
  const stopForwarding = forwardSignals((signal) => child.kill(signal))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      stopForwarding()
      resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL'])
    })
  })
}

/**
 * npm passes a signal on that the terminal has sent to the whole group already: what comes twice at once counts once.
 * @param {(signal: NodeJS.Signals) => void} send
 */
function forwardSignals(send) {
  let last = { signal: '', at: 0 }
  /** @param {keyof typeof forwarded} signal */
  const forward = (signal) => {
    const again = last.signal === signal && performance.now() - last.at < 500
    last = { signal, at: performance.now() }
    if (!again) send(forwarded[signal])
  }
  for (const signal of Object.keys(forwarded)) process.on(signal, forward)
  const unfollow = process.env['npm_lifecycle_event']
    ? followParent(() => send('SIGTERM'), { behindShell: true })
    : () => undefined
  return () => {
    for (const signal of Object.keys(forwarded)) process.off(signal, forward)
    unfollow()
  }
}

/**
 * Calls `onGone` when the parent process has ended, however that came about: a killed npm, or a killed launcher, must not leave a node behind.
 * npm puts a shell between itself and us, which outlives it: with `behindShell` the parent's parent is followed too, where /proc tells.
 * @param {() => void} onGone
 * @param {{ behindShell?: boolean }} [options]
 * @returns {() => void} stops watching
 */
export function followParent(onGone, { behindShell = false } = {}) {
  const forebears = () => `${process.ppid} ${behindShell ? parentOf(process.ppid) : ''}`
  const first = forebears()
  const timer = setInterval(() => {
    if (forebears() === first) return
    clearInterval(timer)
    onGone()
  }, 500)
  timer.unref()
  return () => clearInterval(timer)
}

/** @param {number} pid */
function parentOf(pid) {
  try {
    return /\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]
  } catch {
    return undefined // no Linux, or no such process any more
  }
}

/**
 * Runs a program in the background and collects what it says.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd: string }} options
 * @returns {Promise<{ code: number, output: string }>}
 */
export function runQuietly(program, args, { cwd }) {
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], shell: program.endsWith('.cmd') })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => (output += text))
  }
  const stopForwarding = forwardSignals((signal) => {
    child.kill(signal)
    process.exit(130)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      stopForwarding()
      resolve({ code: code ?? 1, output })
    })
  })
}

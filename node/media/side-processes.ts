import { fork, type ChildProcess } from 'node:child_process'
import type { Logger } from 'pino'
import type { Clock } from '#node/deps.ts'

/** Why a job has no result. */
export type SideProblem = 'busy' | 'too slow' | 'died'

export class SideError extends Error {
  override readonly name = 'SideError'
  readonly problem: SideProblem
  constructor(problem: SideProblem) {
    super(`Work in a process of its own failed: ${problem}.`)
    this.problem = problem
  }
}

export interface SideOptions {
  /** The module that the processes run: it answers each message with one. */
  readonly module: URL
  /** A job that takes longer ends, with its process. */
  readonly deadlineMs: number
  /** So many processes at most, each with one job at a time. */
  readonly most: number
  /** So many jobs may wait for a process. */
  readonly maxWaiting: number
  /** The heap of JavaScript; what libraries take beside it their own module must watch. */
  readonly heapMb: number
}

interface Waiting<Job, Result> {
  readonly job: Job
  readonly resolve: (result: Result) => void
  readonly reject: (error: SideError) => void
}

/** Nobody needs them for so long: then they end. */
const idleMs = 30_000

/**
 * Processes for work on what strangers made: whatever it does to a library (a crash, memory without end, a loop) it does to a process that
 * has nothing: no settings, no database, no other job.
 */
export class SideProcesses<Job extends object, Result> {
  readonly #clock: Clock
  readonly #log: Logger
  readonly #options: SideOptions
  readonly #waiting: Waiting<Job, Result>[] = []
  readonly #idle: { child: ChildProcess; cancel: () => void }[] = []
  readonly #busy = new Set<ChildProcess>()

  constructor(clock: Clock, log: Logger, options: SideOptions) {
    this.#clock = clock
    this.#log = log
    this.#options = options
  }

  /** Throws SideError. */
  run(job: Job): Promise<Result> {
    if (this.#waiting.length >= this.#options.maxWaiting) return Promise.reject(new SideError('busy'))
    const { promise, resolve, reject } = Promise.withResolvers<Result>()
    this.#waiting.push({ job, resolve, reject })
    this.#next()
    return promise
  }

  stop(): void {
    for (const { reject } of this.#waiting.splice(0)) reject(new SideError('died'))
    for (const { child, cancel } of this.#idle.splice(0)) {
      cancel()
      child.kill('SIGKILL')
    }
    for (const child of this.#busy) child.kill('SIGKILL')
  }

  #next(): void {
    if (this.#busy.size >= this.#options.most) return
    const next = this.#waiting.shift()
    if (next) this.#give(this.#idle.pop() ?? { child: this.#start(), cancel: () => undefined }, next)
  }

  #start(): ChildProcess {
    const { module, heapMb } = this.#options
    const child = fork(module, {
      execArgv: [`--max-old-space-size=${heapMb}`],
      env: {},
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    child.on('error', (error) => this.#log.warn({ err: error }, 'side process failed'))
    return child
  }

  #give(
    { child, cancel }: { child: ChildProcess; cancel: () => void },
    { job, resolve, reject }: Waiting<Job, Result>,
  ) {
    cancel()
    this.#busy.add(child)
    let isLate = false
    const endWait = this.#clock.after(this.#options.deadlineMs, () => {
      isLate = true
      child.kill('SIGKILL')
    })
    const settle = () => {
      endWait()
      this.#busy.delete(child)
      child.removeAllListeners('message').removeAllListeners('exit')
    }
    child.once('message', (result) => {
      settle()
      this.#rest(child)
      resolve(result as Result)
      this.#next()
    })
    child.once('exit', () => {
      settle()
      reject(new SideError(isLate ? 'too slow' : 'died'))
      this.#next()
    })
    child.send(job)
  }

  #rest(child: ChildProcess): void {
    const cancel = this.#clock.after(idleMs, () => this.#end(child))
    this.#idle.push({ child, cancel })
    child.once('exit', () => this.#forget(child))
  }

  #end(child: ChildProcess): void {
    this.#forget(child)
    child.kill('SIGKILL')
  }

  #forget(child: ChildProcess): void {
    const at = this.#idle.findIndex((one) => one.child === child)
    if (at >= 0) this.#idle.splice(at, 1)[0]!.cancel()
  }
}

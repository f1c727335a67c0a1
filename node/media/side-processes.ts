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
  /** The module that the processes run: it sends one message when it is ready, and answers each with one. */
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

/** A process that has no job, and will end soon unless it is given one. */
interface Resting {
  readonly child: ChildProcess
  readonly cancel: () => void
}

interface Waiting<Job, Result> {
  readonly job: Job
  readonly resolve: (result: Result) => void
  readonly reject: (error: SideError) => void
}

/** A busy machine takes its time to start a process; none of that is the job's fault. */
const startMs = 30_000
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
  readonly #idle: Resting[] = []
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
    if (!next) return
    const resting = this.#idle.pop()
    resting?.cancel()
    this.#give(resting?.child ?? this.#start(), resting !== undefined, next)
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

  #give(child: ChildProcess, isReady: boolean, { job, resolve, reject }: Waiting<Job, Result>): void {
    this.#busy.add(child)
    let endWait: () => void
    let isLate = false
    const wait = (ms: number) => {
      endWait = this.#clock.after(ms, () => {
        isLate = true
        child.kill('SIGKILL')
      })
    }
    const begin = () => {
      wait(this.#options.deadlineMs)
      child.send(job)
    }
    const settle = () => {
      endWait()
      this.#busy.delete(child)
      child.removeAllListeners('message').removeAllListeners('exit')
    }
    child.on('message', (message) => {
      if (!isReady) {
        isReady = true
        endWait()
        return begin()
      }
      settle()
      this.#rest(child)
      resolve(message as Result)
      this.#next()
    })
    child.once('exit', () => {
      settle()
      reject(new SideError(isLate ? 'too slow' : 'died'))
      this.#next()
    })
    if (isReady) begin()
    else wait(startMs)
  }

  #rest(child: ChildProcess): void {
    this.#idle.push({ child, cancel: this.#clock.after(idleMs, () => this.#end(child)) })
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

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { LoadPlan, LoadReport, LoadResult } from './load-plan.ts'
import { cpuMicros } from './process-figures.ts'

interface Cpu {
  readonly process: number
  readonly postgres: number
}

/** The load generator, in a process of its own. */
export interface Generator {
  /** Carries out a plan; `spent` is the CPU time of the measured part, in microseconds. */
  run(plan: LoadPlan, cpu: () => Cpu): Promise<{ result: LoadResult; spent: Cpu & { generator: number } }>
  stop(): void
}

export function startGenerator(): Generator {
  const child = fork(fileURLToPath(new URL('load.ts', import.meta.url)))
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the load generator ended with ${String(code)}`)
  })
  ended.catch(() => undefined)
  const read = (cpu: () => Cpu) => ({ ...cpu(), generator: cpuMicros(child.pid!) })
  return {
    async run(plan, cpu) {
      let before = read(cpu)
      let after = before
      child.send(plan)
      for (;;) {
        const [said] = (await Promise.race([once(child, 'message'), ended])) as [LoadReport]
        if (said.type === 'measuring') before = read(cpu)
        else if (said.type === 'measured') after = read(cpu)
        else {
          const spent = {
            process: after.process - before.process,
            postgres: after.postgres - before.postgres,
            generator: after.generator - before.generator,
          }
          return { result: said.result, spent }
        }
      }
    },
    stop: () => child.disconnect(),
  }
}

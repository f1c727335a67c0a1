import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cpuMicros, postgresCpuMicros } from './process-figures.ts'
import { sendersOver, sendPath, type Target } from './target.ts'

/** Nobody looks at it, but it takes its bytes on the way. */
const tokenLike = 'x'.repeat(43)

/** Starts the bare loop in a process of its own. */
export async function startLimit(folder: string): Promise<Target> {
  const dataDir = join(folder, 'limit')
  const child = fork(fileURLToPath(new URL('limit.ts', import.meta.url)), [dataDir])
  const ended = once(child, 'exit')
  const started = once(child, 'message') as Promise<[{ port: number }]>
  const first = await Promise.race([started, ended])
  const { port } = first[0] as { port?: number }
  if (port === undefined) throw new Error('the limit did not start')
  return {
    name: 'limit',
    async plan(scenario) {
      const names = Array.from({ length: scenario.rooms }, (_, i) => `!${scenario.name.replace(' ', '_')}-${i}`)
      const lanes = names.map((name, room) => ({ token: tokenLike, room, path: sendPath(name) }))
      return {
        port,
        rooms: names.length,
        senders: sendersOver(lanes),
        listeners: names.flatMap((name, room) =>
          Array.from({ length: scenario.listenersPerRoom }, () => ({ start: JSON.stringify({ room: name }), room })),
        ),
      }
    },
    cpu: () => ({ process: cpuMicros(child.pid!), postgres: postgresCpuMicros(dataDir) }),
    ended,
    stop: async () => {
      child.disconnect()
      await ended
    },
  }
}

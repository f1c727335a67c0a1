import { freePort, startNodeProcess } from '../node-process.ts'
import { populate } from './population.ts'

/** From the start of the process to the greeting, Postgres included, in ms. */
export interface StartFigures {
  readonly emptyFolderMs: number
  /** The median of several. */
  readonly withDataMs: number
  /** After a kill -9 of the node, which leaves Postgres running. */
  readonly afterKillMs: number
}

export async function measureStart(dataDir: string): Promise<StartFigures> {
  const port = await freePort()
  const settings = { HEARTH_REGISTRATION: 'open', HEARTH_RATE_LIMITS: 'off' }
  const first = await startNodeProcess({ dataDir, port, settings })
  await first.stop()
  const rooms = Array.from({ length: 30 }, (_, room) => Array.from({ length: 10 }, (_p, n) => (room + n) % 50))
  await populate(dataDir, 50, rooms, 20)
  const times = []
  for (let n = 0; n < 3; n++) {
    const node = await startNodeProcess({ dataDir, port, settings })
    times.push(node.readyMs)
    await node.stop()
  }
  const killed = await startNodeProcess({ dataDir, port, settings })
  await killed.kill()
  const again = await startNodeProcess({ dataDir, port, settings })
  await again.stop()
  return { emptyFolderMs: first.readyMs, withDataMs: times.toSorted((a, b) => a - b)[1]!, afterKillMs: again.readyMs }
}

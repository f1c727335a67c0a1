import { setTimeout } from 'node:timers/promises'

/**
 * Waits in real time. Only for what lives in real time whatever the node's own clock says: server processes and connections to them.
 * With `background`, the wait alone does not keep the process alive.
 */
export async function pause(ms: number, options: { background?: boolean } = {}): Promise<void> {
  await setTimeout(ms, undefined, { ref: !options.background })
}

import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Deps } from '#node/deps.ts'
import { isProxy, networkOf } from './address.ts'

interface Most {
  /** Each needs a file descriptor, and the database and the files of the node want theirs. */
  readonly connections: number
  /** A large office behind one address has fewer. */
  readonly ofOneNetwork: number
}

const most: Most = { connections: 20_000, ofOneNetwork: 5_000 }

/** Hangs up on connections beyond these. Proxies of ours stand for many callers, and have no share of their own. */
export function boundConnections(deps: Deps, server: Server, bounds: Most = most): void {
  if (!deps.config.rateLimits) return
  server.maxConnections = bounds.connections
  const open = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress
    if (address === undefined || isProxy(deps, address)) return
    const network = networkOf(address)
    const count = (open.get(network) ?? 0) + 1
    if (count > bounds.ofOneNetwork) {
      if (count === bounds.ofOneNetwork + 1)
        deps.log.warn({ most: bounds.ofOneNetwork }, 'too many connections of one network')
      socket.destroy()
      return
    }
    open.set(network, count)
    socket.once('close', () => {
      const left = open.get(network)! - 1
      if (left > 0) open.set(network, left)
      else open.delete(network)
    })
  })
}

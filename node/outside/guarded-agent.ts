import { lookup as systemLookup, type LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { Agent, buildConnector } from 'undici'
import type { IsOpen } from './addresses.ts'
import { OutsideError } from './outside-call.ts'

/** All addresses of a name, as the system finds them. */
export type Resolve = (name: string) => Promise<readonly LookupAddress[]>

export const systemResolve: Resolve = (name) => {
  const { promise, resolve, reject } = Promise.withResolvers<readonly LookupAddress[]>()
  systemLookup(name, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)))
  return promise
}

const closed = (host: string) => new OutsideError('refused', `${host} is not an address that may be called.`)

/**
 * Connects to open addresses only. The address is judged when it is connected to, after the name was resolved, and it is that very address
 * that is used: a name that resolves otherwise the next time gains nothing.
 */
export function guardedAgent(isOpen: IsOpen, resolve: Resolve): Agent {
  const lookup: LookupFunction = (name, options, done) => {
    resolve(name).then(
      (found) => {
        const open = found.filter(({ address }) => isOpen(address))
        if (open.length === 0) done(closed(name), '')
        else if (options.all) done(null, open)
        else done(null, open[0]!.address, open[0]!.family)
      },
      (error: NodeJS.ErrnoException) => done(error, ''),
    )
  }
  const connect = buildConnector({ lookup, timeout: 10_000, autoSelectFamily: true })
  return new Agent({
    connect(options, done) {
      // A literal address is not looked up.
      const host = options.hostname.replace(/^\[|\]$/g, '')
      if (isIP(host) !== 0 && !isOpen(host)) done(closed(host), null)
      else connect(options, done)
    },
    keepAliveTimeout: 4_000,
    connections: 4,
    maxHeaderSize: 16_384,
    headersTimeout: 0,
    bodyTimeout: 0,
  })
}

import type { IncomingMessage } from 'node:http'
import { isIPv6 } from 'node:net'
import { perNode, type Deps } from '#node/deps.ts'
import { addressList, hasAddress } from '#node/outside/addresses.ts'

const proxiesOf = perNode(({ config }) => addressList(config.trustedProxies))

/** One of those in front of this node, which speak for many. */
export const isProxy = (deps: Deps, address: string): boolean => hasAddress(proxiesOf(deps), address)

/**
 * The address of the caller: what the socket has, unless that is a proxy of ours. Each proxy adds whom it heard to the end of X-Forwarded-For, so the
 * caller is the last one in it that is no proxy; whatever stands before was written by the caller.
 */
export function addressOf(deps: Deps, request: IncomingMessage): string {
  const socket = withoutMapping(request.socket.remoteAddress ?? 'unknown')
  if (deps.config.trustedProxies.length === 0) return socket
  const forwarded = [request.headers['x-forwarded-for'] ?? []].flat().join(',')
  const hops = [...forwarded.split(',').map((hop) => withoutMapping(hop.trim())), socket].filter((hop) => hop !== '')
  return hops.findLast((hop) => !isProxy(deps, hop)) ?? hops[0]!
}

/** An IPv4 address as an IPv6 socket has it. */
const withoutMapping = (address: string): string => address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')

/** Whom limits count as one caller: whoever has one IPv6 address has the 2^64 beside it. */
export function networkOf(address: string): string {
  const plain = withoutMapping(address)
  return isIPv6(plain) ? `${firstFourGroups(plain)}::/64` : plain
}

function firstFourGroups(address: string): string {
  const [head = '', tail] = address.replace(/%.*$/, '').split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeroes =
    tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0')
  return [...before, ...zeroes, ...after].slice(0, 4).join(':')
}

import { BlockList, isIP } from 'node:net'

/** IANA, "IPv4 Special-Purpose Address Registry", with multicast and what is reserved. */
const closedIpv4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]

/** The only part of IPv6 that is given to the public internet. What lies outside of it (mapped, translated, local, multicast) is closed. */
const publicIpv6 = ['2000::/3']
/** IANA, "IPv6 Special-Purpose Address Registry": what in there is no public host, or carries an IPv4 address past the list above. */
const closedIpv6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

/** Which addresses may be called. */
export type IsOpen = (address: string) => boolean

/** Public addresses, and those that the administrator allows (CIDR, or single addresses). */
export function openAddresses(allowed: readonly string[]): IsOpen {
  const [exceptions, closed4, public6, closed6] = [allowed, closedIpv4, publicIpv6, closedIpv6].map(addressList)
  return (address) => {
    const family = isIP(address)
    if (family === 0) return false
    if (hasAddress(exceptions!, address)) return true
    return family === 4
      ? !hasAddress(closed4!, address)
      : hasAddress(public6!, address) && !hasAddress(closed6!, address)
  }
}

/** Ranges (CIDR) and single addresses. */
export function addressList(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', bits] = range.split('/')
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6'
    list.addSubnet(address, bits === undefined ? (family === 'ipv4' ? 32 : 128) : Number(bits), family)
  }
  return list
}

/** False for whatever is no address. */
export const hasAddress = (list: BlockList, address: string): boolean =>
  isIP(address) !== 0 && list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6')

import { expect, test } from 'vitest'
import { openAddresses } from './addresses.ts'

const isOpen = openAddresses([])

test.each([
  ...['0.0.0.0', '0.1.2.3', '10.1.2.3', '100.64.0.1', '100.127.255.255', '127.0.0.1', '127.255.1.1', '169.254.169.254'],
  ...['172.16.0.1', '172.31.255.255', '192.0.0.1', '192.0.2.1', '192.168.1.1', '198.18.0.1', '198.19.255.255'],
  ...['198.51.100.7', '203.0.113.9', '224.0.0.1', '239.255.255.250', '240.0.0.1', '255.255.255.255'],
  ...['::', '::1', '::ffff:127.0.0.1', '::ffff:8.8.8.8', '::127.0.0.1', '::7f00:1', '64:ff9b::7f00:1', '64:ff9b:1::1'],
  ...['2002:7f00:1::', '2001::1', '2001:0:53aa:64c::1', '2001:db8::1', '2001:20::1', '3fff::1', '100::1'],
  ...['fc00::1', 'fd12:3456::1', 'fe80::1', 'fe80::1%eth0', 'fec0::1', 'ff02::1', '5f00::1'],
  ...['localhost', 'example.org', '', '127.1', '0x7f.1', '2130706433', '8.8.8.8 '],
])('%s is closed', (address) => {
  expect(isOpen(address)).toBe(false)
})

test.each(['8.8.8.8', '1.1.1.1', '100.63.255.255', '172.32.0.1', '198.20.0.1', '2606:4700:4700::1111', '2a00:1450::1'])(
  '%s is open',
  (address) => {
    expect(isOpen(address)).toBe(true)
  },
)

test('the administrator opens single addresses and ranges', () => {
  const allows = openAddresses(['10.1.0.0/16', '127.0.0.1', 'fd00::/8'])
  expect(['10.1.2.3', '127.0.0.1', 'fd00::5'].map(allows)).toEqual([true, true, true])
  expect(['10.2.0.1', '127.0.0.2', 'fe80::1'].map(allows)).toEqual([false, false, false])
})

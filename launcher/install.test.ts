import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isInstalled, isNewEnough, whyNpmFailed } from './install.mjs'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hearth-install-'))
  mkdirSync(join(folder, 'node_modules'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (path: string, packages: object) => writeFileSync(join(folder, path), JSON.stringify({ packages }))
const installed = (wanted: object, found: object) => {
  write('package-lock.json', { '': { name: 'hearth' }, ...wanted })
  write('node_modules/.package-lock.json', found)
  return isInstalled(folder)
}
const one = { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } }
const machine = { os: [process.platform], cpu: process.arch }

test('what npm installed is compared with the lockfile, package by package', () => {
  expect(isInstalled(folder)).toBe(false)
  expect(installed(one, one)).toBe(true)
  expect(installed(one, {})).toBe(false)
  expect(installed(one, { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-b' } })).toBe(false)
  expect(installed(one, { ...one, 'node_modules/b': { version: '1.0.0' } })).toBe(false)
})

test('what is for other machines may be absent, what is for this one may not', () => {
  const optional = (rest: object) => ({ ...one, 'node_modules/b': { version: '1.0.0', optional: true, ...rest } })
  expect(installed(optional({ os: 'aix' }), one)).toBe(true)
  expect(installed(optional({ os: ['aix', `!${process.platform}`] }), one)).toBe(true)
  expect(installed(optional(machine), one)).toBe(false)
  expect(installed(optional({ ...machine, os: '!aix' }), one)).toBe(false)
  expect(installed(optional({}), one)).toBe(true)
})

test.each([
  ['20.20.2', false],
  ['22.22.0', false],
  ['24.6.9', false],
  ['24.7.0', true],
  ['24.21.0', true],
  ['26.0.0', true],
])('Node %s is new enough: %s', (version, enough) => {
  expect(isNewEnough(version)).toBe(enough)
})

test.each([
  [
    'npm error code ENOTFOUND\nnpm error network',
    'npm cannot reach its registry: connect this machine to the internet and start again.',
  ],
  ['npm error code ECONNREFUSED', /^npm cannot reach its registry/],
  ['npm error code ENOSPC', 'The disk of /h is full: free about 1 GB and start again.'],
  ['npm error code EACCES', 'npm may not write to /h: give this user the right to, or clone Hearth elsewhere.'],
  [
    'npm warn old\nnpm error code EUSAGE\nnpm error\nnpm error out of sync',
    'npm could not install what Hearth needs; it said:\nnpm error code EUSAGE\nnpm error out of sync',
  ],
])('%s', (output, sentence) => {
  const { message } = whyNpmFailed(output, '/h')
  if (typeof sentence === 'string') expect(message).toBe(sentence)
  else expect(message).toMatch(sentence)
})

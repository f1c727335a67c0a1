import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/** A file for each thing that the linter must see, and the rule that sees it. */
const planted: Record<string, [source: string, rule: string]> = {
  'node/floating.ts': ['const f = async () => 1\nexport const g = () => { f() }', 'typescript(no-floating-promises)'],
  'node/misused.ts': [
    'const f = async () => true\nexport const g = () => (f() ? 1 : 2)',
    'typescript(no-misused-promises)',
  ],
  'node/awaited.ts': ['export const g = async () => { await 1 }', 'typescript(await-thenable)'],
  'node/unsafe.ts': [
    'export const g = (sql: { unsafe(s: string): number }) => sql.unsafe("a")',
    'eslint(no-restricted-properties)',
  ],
  'node/date.ts': ['export const g = () => Date.now()', 'eslint(no-restricted-globals)'],
  'node/timer.ts': ['export const g = () => { setTimeout(() => undefined, 1) }', 'eslint(no-restricted-globals)'],
  'node/pauses.ts': [
    "import { setTimeout } from 'node:timers/promises'\nexport const g = setTimeout",
    'eslint(no-restricted-imports)',
  ],
  'node/chance.ts': ['export const g = () => Math.random()', 'eslint(no-restricted-properties)'],
  'node/calls.ts': ["export const g = () => fetch('https://a')", 'eslint(no-restricted-globals)'],
  'node/env.ts': ["export const g = () => process.env['A']", 'eslint(no-restricted-properties)'],
  'node/any.ts': ['export const g = (a: unknown) => a as any', 'typescript(no-explicit-any)'],
  'node/empty.ts': ['export const g = () => { try { Number(1) } catch {} }', 'eslint(no-empty)'],
  'node/long.ts': [`export const g = () => {\n${'  Number(1)\n'.repeat(70)}}`, 'eslint(max-lines-per-function)'],
  'spec/date.ts': ['export const g = () => new Date()', 'eslint(no-restricted-globals)'],
  'client-sdk/timer.ts': [
    'export const g = () => { setInterval(() => undefined, 1) }',
    'eslint(no-restricted-globals)',
  ],
}

/** The places that DESIGN names may do what the others may not. */
const allowed: Record<string, string> = {
  'node/deps.ts': "export const g = () => [Date.now(), Math.random(), fetch('https://a')]",
  'node/config.ts': "export const g = () => process.env['A']",
  'client-sdk/platform.ts': 'export const g = () => { setTimeout(() => undefined, 1) }',
  'test/a.ts': 'export const g = () => Date.now()',
}

let folder: string
let seen: { filename: string; code: string }[]

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hearth-lint-'))
  const files = { ...allowed, ...Object.fromEntries(Object.entries(planted).map(([path, [source]]) => [path, source])) }
  for (const [path, source] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), `${source}\n`)
  }
  for (const name of ['.oxlintrc.json', 'tsconfig.json']) copyFileSync(join(root, name), join(folder, name))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const program = join(root, 'node_modules', 'oxlint', 'bin', 'oxlint')
  const { stdout } = spawnSync(
    process.execPath,
    [program, '--type-aware', '--format', 'json', 'node', 'spec', 'client-sdk', 'test'],
    {
      cwd: folder,
      encoding: 'utf8',
    },
  )
  seen = (JSON.parse(stdout) as { diagnostics: { filename: string; code: string }[] }).diagnostics
})
afterAll(() => rmSync(folder, { recursive: true }))

test.each(Object.entries(planted))('%s is seen', (path, [, rule]) => {
  expect(seen.filter((one) => one.filename === path).map((one) => one.code)).toContain(rule)
})

test('the places that may are let through', () => {
  expect(seen.filter((one) => one.filename in allowed)).toEqual([])
})

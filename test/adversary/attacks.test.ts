import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..', '..')

/** Every attack of the list, with the file and the names of its tests. */
const attacks = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, attack, path, names] = /^\| (.+?) +\| `([^`]+\.test\.ts)` +\| (".+") +\|$/.exec(line) ?? []
    return attack && path && names ? [{ attack, path, names: names.slice(1, -1).split('", "') }] : []
  })

test('the list of attacks is read', () => {
  expect(attacks.length).toBeGreaterThan(50)
})

test.each(attacks)('$attack', ({ path, names }) => {
  expect(existsSync(join(root, path)), path).toBe(true)
  const text = readFileSync(join(root, path), 'utf8')
  for (const name of names) expect(text, `${path}: ${name}`).toContain(name)
})

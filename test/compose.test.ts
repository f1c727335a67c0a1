import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readConfig } from '#node/config.ts'

const text = readFileSync(new URL('../compose.yaml', import.meta.url), 'utf8')

test('every variable that compose.yaml gives a node is a setting, with a value that it takes', () => {
  const given = [...text.matchAll(/^ {4,6}(HEARTH_\w+|DATABASE_URL): (.+)$/gm)]
  expect(given.length).toBeGreaterThan(12)
  for (const [, name = '', value = ''] of given) {
    const filled = value.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1')
    expect(() => readConfig({ [name]: filled })).not.toThrow()
  }
})

test('every volume, network and config that a service of compose.yaml uses is declared', () => {
  const [services = '', declared = ''] = text.split(/^configs:$/m)
  const used = [...services.matchAll(/^ +- (?:source: )?([a-z]+)(?::\/\S+)?$/gm)].map(([, name]) => name)
  const known = [...declared.matchAll(/^ {2}([a-z]+):/gm)].map(([, name]) => name)
  expect(known).toEqual(['databases', 'caddyfile', 'pair', 'postgres', 'hearth', 'one', 'two', 'caddy', 'authority'])
  expect(new Set(used)).toEqual(new Set(known.filter((name) => name !== 'pair')))
})

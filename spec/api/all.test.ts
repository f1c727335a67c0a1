import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as z from 'zod/mini'
import { describe, expect, test } from 'vitest'
import type { Endpoint } from '#spec/endpoint.ts'
import { endpoints } from './all.ts'

const all = Object.entries(endpoints)
const keysOf = (schema: z.ZodMiniType | undefined): string[] =>
  schema === undefined ? [] : Object.keys((schema as z.ZodMiniObject).shape).sort()
const namesIn = ({ path }: Endpoint): string[] => [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!).sort()

test('there is one endpoint for each method and path', () => {
  const seen = all.map(([, { method, path }]) => `${method} ${path}`)
  expect(seen.filter((each, i) => seen.indexOf(each) !== i)).toEqual([])
})

test('no name is exported by two files', () => {
  const names = ['./client/', './admin/']
    .map((folder) => new URL(folder, import.meta.url))
    .flatMap((folder) => readdirSync(folder).map((name) => new URL(name, folder)))
    .filter(({ pathname }) => pathname.endsWith('.ts') && !pathname.endsWith('.test.ts'))
    .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/^export const (\w+) = endpoint\(/gm)])
    .map((match) => match[1]!)
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
  expect(names.filter((name) => endpoints[name] === undefined)).toEqual([])
})

describe.each(all)('%s', (name, endpoint) => {
  test('has a schema for exactly the parameters of its path', () => {
    expect(keysOf(endpoint.params)).toEqual(namesIn(endpoint))
  })

  test('has a body only where there can be one', () => {
    if (endpoint.method === 'GET') expect(endpoint.body).toBeUndefined()
  })

  test('is limited unless it says so, and reads bodies of a bounded size', () => {
    expect(endpoint.maxBodyBytes).toBeGreaterThan(0)
    expect(endpoint.maxBodyBytes).toBeLessThanOrEqual(1_048_576)
  })

  test('is described by a docstring that begins with its method and path', () => {
    const source = sources.find((text) => text.includes(`export const ${name} = endpoint(`)) ?? ''
    const docstring = source.split(`export const ${name} = endpoint(`)[0]!.split('/**').at(-1)!
    expect(docstring.trimStart().split('\n')[0]).toBe(`* ${endpoint.method} ${endpoint.path}`)
    expect(docstring).toMatch(/Source: /)
  })
})

const root = fileURLToPath(new URL('..', import.meta.url))
const sources = [
  'api/client',
  'api/admin',
  ...readdirSync(`${root}extensions`).map((each) => `extensions/${each}`),
].flatMap((folder) =>
  readdirSync(root + folder)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(`${root}${folder}/${name}`, 'utf8')),
)

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createClient, type Client, type ClientOptions } from './client.ts'
import { memoryStore } from './store/memory-store.ts'
import { FakeNode } from './testing/fake-node.ts'
import { settle } from './testing/fake-platform.ts'

const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8')

/** The example of the README with its imports taken from here, so that it meets a node that is not on the network. */
function example(): (...parts: unknown[]) => Promise<void> {
  const code = readme.split('```ts\n')[1]!.split('```')[0]!
  const lines = code.split('\n').filter((line) => !line.startsWith('import '))
  expect(lines.length).toBeLessThan(25)
  const AsyncFunction = (async () => undefined).constructor as new (
    ...args: string[]
  ) => (...parts: unknown[]) => Promise<void>
  return new AsyncFunction('createClient', 'memoryStore', 'console', lines.join('\n'))
}

test('the example of the README does what it says', async () => {
  const node = new FakeNode()
  const printed: unknown[][] = []
  let client: Client | undefined
  const make = async (options: ClientOptions): Promise<Client> =>
    (client = await createClient({ ...options, platform: node.platform }))
  await example()(make, memoryStore, { log: (...values: unknown[]) => printed.push(values) })
  await settle()
  await node.push()
  expect(printed).toContainEqual(['queued', 'The soup is ready'])
  expect(printed.at(-1)).toEqual(['sent', 'The soup is ready'])
  await client?.close()
})

test('the README names everything that a client, a room and a timeline can do', () => {
  for (const file of ['client.ts', 'room.ts', 'timeline.ts']) {
    const source = readFileSync(new URL(file, import.meta.url), 'utf8')
    const body = /export interface (?:Client|Room|Timeline) \{\n([\s\S]*?)\n\}/.exec(source)![1]!
    const names = [...body.matchAll(/^ {2}(?:readonly )?(\w+)[(<:]/gm)].map((match) => match[1]!)
    expect(names.length).toBeGreaterThan(6)
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(readme))).toEqual([])
  }
})

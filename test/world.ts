import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testDatabase } from './postgres.ts'
import { startWorldNode, type WorldNode } from './world-node.ts'

/** Several nodes in this process, each on a database of its own. */
export interface World {
  readonly nodes: readonly WorldNode[]
  /** Closes all clients, stops all nodes, removes what they stored. */
  stop(): Promise<void>
}

export interface WorldOptions {
  /** One, unless told. */
  readonly nodes?: number
  /** Settings of all nodes, by their names in the environment. Anybody may register and nobody is slowed down, unless they say otherwise. */
  readonly settings?: Readonly<Record<string, string>>
}

/** Starts a world on databases of the tests' Postgres. */
export async function world({ nodes = 1, settings = {} }: WorldOptions = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'hearth-world-'))
  const made = await Promise.all(
    Array.from({ length: nodes }, async (_, index) => {
      const database = await testDatabase()
      const own = { DATABASE_URL: database.url, HEARTH_DATA_DIR: join(folder, String(index)), ...settings }
      return { database, node: await startWorldNode(names[index] ?? `node${index}.test`, own) }
    }),
  )
  return {
    nodes: made.map(({ node }) => node),
    async stop() {
      for (const { node, database } of made) {
        await node.stop()
        await database.drop()
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const names = ['one.test', 'two.test', 'three.test']

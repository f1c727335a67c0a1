import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, type Client } from '#client-sdk/client.ts'
import { memoryStore } from '#client-sdk/store/memory-store.ts'
import type { Store } from '#client-sdk/store/store.ts'
import { lowerPasswordCost } from '#node/accounts/password.ts'
import { setupToken } from '#node/accounts/setup.ts'
import { readConfig } from '#node/config.ts'
import { createLogger, type Deps } from '#node/deps.ts'
import { startNode, type RunningNode } from '#node/start-node.ts'
import { freePort } from './node-process.ts'

/** Several nodes in this process, each on a database of its own. */
export interface World {
  readonly nodes: readonly WorldNode[]
  /** Closes all clients, stops all nodes, removes what they stored. */
  stop(): Promise<void>
}

/** One node of a world. */
export interface WorldNode {
  /** In user ids. */
  readonly serverName: string
  readonly baseUrl: string
  /** Of the node as it runs now. */
  readonly deps: Deps
  /** A client that nobody has logged in with. It is closed with the world. */
  client(store?: Store): Promise<Client>
  /** Makes an account, where anybody may, and follows the node as that person. */
  addPerson(username: string): Promise<Client>
  /** The registration token of the set-up link, while nobody has used it. */
  setupToken(): Promise<string | undefined>
  /** Stops the node and starts it again on the same database and port. */
  restart(): Promise<void>
  /** Stops the node; `comeUp` starts it again. */
  goDown(): Promise<void>
  comeUp(): Promise<void>
}

export interface WorldOptions {
  /** One, unless told. */
  readonly nodes?: number
  /** Settings of all nodes, by their names in the environment. Anybody may register and nobody is slowed down, unless they say otherwise. */
  readonly settings?: Readonly<Record<string, string>>
}

/** What `addPerson` gives everybody. */
export const goodPassword = 'a cat in the garden'

/** Starts a world on databases of the tests' Postgres. */
export async function world({ nodes = 1, settings = {} }: WorldOptions = {}): Promise<World> {
  // vitest hands out the address of the tests' Postgres; outside of it this module must not be loaded.
  const { testDatabase } = await import('./postgres.ts')
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

/** Starts one node. Passwords cost next to nothing there. */
export async function startWorldNode(
  serverName: string,
  settings: Readonly<Record<string, string>>,
): Promise<WorldNode & { stop(): Promise<void> }> {
  const port = settings['HEARTH_PORT'] ?? String(await freePort())
  const baseUrl = `http://127.0.0.1:${port}`
  const config = readConfig({
    HEARTH_REGISTRATION: 'open',
    HEARTH_RATE_LIMITS: 'off',
    HEARTH_LOG_LEVEL: 'error',
    HEARTH_FEDERATION_PORT: '0',
    HEARTH_PUBLIC_URL: baseUrl,
    HEARTH_SERVER_NAME: serverName,
    ...settings,
    HEARTH_PORT: port,
  })
  const start = async (): Promise<RunningNode> => {
    const started = await startNode({ config, log: createLogger(config.logLevel) })
    lowerPasswordCost(started.deps)
    return started
  }
  let running = await start()
  let isUp = true
  const goDown = async () => {
    isUp = false
    await running.stop()
  }
  const comeUp = async () => {
    running = await start()
    isUp = true
  }
  const clients: Client[] = []
  const open = async (store: Store = memoryStore()) => {
    const client = await createClient({ baseUrl, store })
    clients.push(client)
    return client
  }
  return {
    serverName,
    baseUrl,
    get deps() {
      return running.deps
    },
    client: open,
    async addPerson(username) {
      const client = await open()
      await client.register({ username, password: goodPassword })
      client.start()
      return client
    },
    setupToken: () => setupToken(running.deps),
    goDown,
    comeUp,
    async restart() {
      await goDown()
      await comeUp()
    },
    async stop() {
      for (const client of clients) await client.close()
      if (isUp) await goDown()
    },
  }
}

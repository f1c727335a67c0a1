import { createClient, type Client } from '#client-sdk/client.ts'
import { memoryStore } from '#client-sdk/store/memory-store.ts'
import type { Store } from '#client-sdk/store/store.ts'
import { lowerPasswordCost } from '#node/accounts/password.ts'
import { setupToken } from '#node/accounts/setup.ts'
import { readConfig } from '#node/config.ts'
import { createLogger, type Deps } from '#node/deps.ts'
import { startNode, type RunningNode } from '#node/start-node.ts'
import { freePort } from './node-process.ts'

/** A node in this process, and clients of it through the SDK. */
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
  /** Closes all clients and stops the node; what it stored stays. */
  stop(): Promise<void>
}

/** What `addPerson` gives everybody. */
export const goodPassword = 'a cat in the garden'

/** Starts a node with these settings, by their names in the environment. Anybody may register and nobody is slowed down, unless they say otherwise; passwords cost next to nothing. */
export async function startWorldNode(
  serverName: string,
  settings: Readonly<Record<string, string>>,
): Promise<WorldNode> {
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

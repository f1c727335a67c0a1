import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** A node in a process of its own, as `npm start` runs it, which can be killed like one. */
export interface NodeProcess {
  readonly pid: number
  readonly baseUrl: string
  readonly port: number
  /** From the start of the process until it was ready, Postgres included. */
  readonly readyMs: number
  /** The path of the one-time set-up link, while nobody has claimed the node. */
  readonly setupPath: string | undefined
  /** Resolves with the exit code, or the signal's name. */
  readonly ended: Promise<number | string>
  /** What it has written so far; of much, the end. */
  output(): string
  /** What it has said so far, the last 100,000 characters of it. */
  output(): string
  /** As by `kill -9`; resolves when the process is gone. */
  kill(): Promise<void>
  /** As by SIGTERM; the exit code must be 0. */
  stop(): Promise<void>
}

export interface NodeProcessOptions {
  readonly dataDir: string
  readonly port: number
  /** Settings, by their names in the environment. */
  readonly settings?: Readonly<Record<string, string>>
  /** Options of Node itself. */
  readonly flags?: readonly string[]
}

const root = fileURLToPath(new URL('..', import.meta.url))
const readyWithinMs = 60_000

/** Starts a node and waits until it is ready. Its settings are those given and no others; it ends when this process does. */
export async function startNodeProcess(options: NodeProcessOptions): Promise<NodeProcess> {
  const startedAt = performance.now()
  const child = spawnNode(options)
  const said = collect(child)
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string)
  const baseUrl = `http://127.0.0.1:${options.port}`
  const patience = setTimeout(() => child.kill('SIGKILL'), readyWithinMs)
  await Promise.race([ready(said), refused(ended, said)]).finally(() => clearTimeout(patience))
  const readyMs = performance.now() - startedAt
  return {
    pid: child.pid!,
    baseUrl,
    port: options.port,
    readyMs,
    setupPath: /\/setup\/\S+/.exec(said.text)?.[0],
    ended,
    output: () => said.text,
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
    stop: async () => {
      child.kill('SIGTERM')
      const code = await ended
      if (code !== 0) throw new Error(`The node ended with ${code}:\n${said.text}`)
    },
  }
}

function spawnNode({ dataDir, port, settings, flags = [] }: NodeProcessOptions): ChildProcess {
  const follow = pathToFileURL(join(root, 'launcher', 'follow-parent.mjs')).href
  const inherited = Object.entries(process.env).filter(([name]) => !/^(HEARTH_|DATABASE_URL$|NODE_)/.test(name))
  return spawn(process.execPath, ['--import', follow, ...flags, join(root, 'node', 'main.ts')], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...Object.fromEntries(inherited),
      NODE_COMPILE_CACHE: join(root, '.hearth', 'compile-cache'),
      HEARTH_DATA_DIR: dataDir,
      HEARTH_PORT: String(port),
      HEARTH_FEDERATION_PORT: '0',
      HEARTH_LOG_LEVEL: 'warn',
      ...settings,
    },
  })
}

interface Said {
  text: string
  heard: () => void
}

function collect(child: ChildProcess): Said {
  const said: Said = { text: '', heard: () => undefined }
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said.text = (said.text + text).slice(-100_000)
      said.heard()
    })
  }
  return said
}

/** The greeting is the last thing that a starting node does. */
const ready = (said: Said): Promise<void> =>
  new Promise((resolve) => {
    said.heard = () => /Hearth is ready/.test(said.text) && resolve()
    said.heard()
  })

async function refused(ended: Promise<number | string>, said: Said): Promise<never> {
  const code = await ended
  throw new Error(`The node ended with ${code} before it was ready:\n${said.text}`)
}

/** A port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

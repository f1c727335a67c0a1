import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { sync } from '#spec/api/client/sync.ts'
import { callEndpoint } from '#client-sdk/call.ts'
import { globalPlatform } from '#client-sdk/platform.ts'
import { freePort, startNodeProcess } from '../node-process.ts'
import { Listener } from './listener.ts'
import { populate, type Population } from './population.ts'
import { residentBytes } from './process-figures.ts'

/** Of the node process, in bytes; `undefined` where the system does not tell. */
export interface MemoryFigures {
  /** Just started, 50 people and 30 rooms in the database. */
  readonly started: number | undefined
  /** All 50 people have logged in and read everything, and say nothing. */
  readonly idle: number | undefined
  readonly clients: number
  readonly perStream: number | undefined
  readonly perLongPoll: number | undefined
}

const people = 50
const rooms = 30

export async function measureMemory(dataDir: string, quick: boolean): Promise<MemoryFigures> {
  const clients = quick ? 300 : 1000
  const planned = Array.from({ length: rooms }, (_, room) => Array.from({ length: 10 }, (_p, n) => (room + n) % people))
  const population = await populate(dataDir, people, planned, 30)
  const node = await startNodeProcess({ dataDir, port: await freePort(), settings: { HEARTH_RATE_LIMITS: 'off' } })
  try {
    const resident = () => settled(node.pid)
    const started = await resident()
    for (const accessToken of population.tokens)
      await callEndpoint(globalPlatform, node.baseUrl, sync, {}, { accessToken })
    const idle = await resident()
    const since = (await callEndpoint(globalPlatform, node.baseUrl, sync, {}, { accessToken: population.tokens[0]! }))
      .next_batch
    // The first round leaves room in the heap that the second uses, as it would be in a node that has run for a while.
    const perStream = await costOf(resident, clients, () => openStreams(node.port, population, since, clients))
    const perLongPoll = await costOf(resident, clients, () => openLongPolls(node.port, population, since, clients))
    return { started, idle, clients, perStream, perLongPoll }
  } finally {
    await node.stop()
  }
}

/** What it comes to when the heap has been tidied: the least of some seconds. */
export async function settled(pid: number): Promise<number | undefined> {
  let least: number | undefined
  for (let n = 0; n < 10; n++) {
    await pause(300)
    const now = residentBytes(pid)
    if (now !== undefined) least = Math.min(least ?? now, now)
  }
  return least
}

export async function costOf(
  resident: () => Promise<number | undefined>,
  clients: number,
  open: () => Promise<() => void>,
  meanwhile: () => Promise<void> = () => Promise.resolve(),
): Promise<number | undefined> {
  const before = await resident()
  const close = await open()
  const after = await resident()
  await meanwhile()
  close()
  return before === undefined || after === undefined ? undefined : Math.max(0, after - before) / clients
}

export async function openStreams(
  port: number,
  { tokens }: Population,
  since: string,
  count: number,
): Promise<() => void> {
  const opened: Listener[] = []
  for (let first = 0; first < count; first += 50) {
    const plans = Array.from({ length: Math.min(50, count - first) }, (_, n) => ({
      room: 0,
      start: JSON.stringify({ type: 'start', access_token: tokens[(first + n) % tokens.length]!, since }),
    }))
    opened.push(...(await Promise.all(plans.map((plan) => Listener.open(plan, port)))))
  }
  return () => opened.forEach((one) => one.close())
}

export async function openLongPolls(
  port: number,
  { tokens }: Population,
  since: string,
  count: number,
): Promise<() => void> {
  const opened: Socket[] = []
  for (let n = 0; n < count; n++) {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    const token = tokens[n % tokens.length]!
    const path = `/_matrix/client/v3/sync?since=${since}&timeout=60000`
    socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${token}\r\n\r\n`)
    opened.push(socket)
  }
  return () => opened.forEach((socket) => socket.destroy())
}

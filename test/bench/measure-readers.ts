import { sync } from '#spec/api/client/sync.ts'
import { callEndpoint } from '#client-sdk/call.ts'
import { globalPlatform } from '#client-sdk/platform.ts'
import { freePort, startNodeProcess, type NodeProcess } from '../node-process.ts'
import { costOf, openLongPolls, openStreams, settled } from './measure-memory.ts'
import { populate, type PlannedRoom, type Population } from './population.ts'
import { cpuMicros, postgresCpuMicros } from './process-figures.ts'
import { sendPath } from './target.ts'

/** One figure of those who read, and what it may be. */
export interface ReaderRow {
  readonly what: string
  readonly value: number | undefined
  readonly unit: string
  readonly most: number
}

/** The name by which `--only` asks for it. */
export const readers = 'readers'

const roomsOfOne = 500
const small = 10
const large = 1_000
const pollers = 250

/*
 * Who is who: 0 to 9 are in a room of ten; 10 to 259 wait for news, each in a room with the next; 260 is in 500 rooms, of which 261 is in the
 * first half; 300 to 1299 are in the large room, where nobody waits.
 */
const waitingFrom = small
const busy = waitingFrom + pollers
const crowdFrom = 300

function plan(): PlannedRoom[] {
  const crowd = Array.from({ length: large }, (_, n) => crowdFrom + n)
  const few = Array.from({ length: small }, (_, n) => n)
  const waiting = Array.from({ length: pollers }, (_, n) => [waitingFrom + n, waitingFrom + ((n + 1) % pollers)])
  const others = Array.from({ length: roomsOfOne }, (_, n) => {
    const members = [busy + 2 + (n % 30), busy + 2 + ((n + 7) % 30), busy]
    return n < roomsOfOne / 2 ? [...members, busy + 1] : members
  })
  return [few, crowd, ...waiting, ...others]
}

/** What it costs to read, to wait, and to speak where many do. */
export async function measureReaders(dataDir: string, quick: boolean): Promise<ReaderRow[]> {
  const population = await populate(dataDir, crowdFrom + large, plan(), 20)
  const withNode = async (measure: (bench: Bench) => Promise<ReaderRow[]>): Promise<ReaderRow[]> => {
    const node = await startNodeProcess({ dataDir, port: await freePort(), settings: { HEARTH_RATE_LIMITS: 'off' } })
    try {
      return await measure({ dataDir, node, population, passes: quick ? 3 : 7 })
    } finally {
      await node.stop()
    }
  }
  const clients = quick ? 2_000 : 5_000
  return [
    ...(await withNode(measureInitial)),
    ...(await withNode(measureNothingNew)),
    ...(await withNode(measureCrowd)),
    ...(await withNode((bench) => measureWaiting(bench, 'streams', openStreams, clients))),
    ...(await withNode((bench) => measureWaiting(bench, 'long polls', openLongPolls, clients))),
  ]
}

interface Bench {
  readonly dataDir: string
  readonly node: NodeProcess
  readonly population: Population
  readonly passes: number
}

const lazy = JSON.stringify({ room: { timeline: { limit: 20 }, state: { lazy_load_members: true } } })

const read = ({ node, population }: Bench, person: number, more: Record<string, string> = {}) =>
  callEndpoint(
    globalPlatform,
    node.baseUrl,
    sync,
    { query: { filter: lazy, set_presence: 'offline', ...more } as never },
    { accessToken: population.tokens[person]! },
  )

async function measureInitial(bench: Bench): Promise<ReaderRow[]> {
  const took: Record<number, number[]> = { [busy]: [], [busy + 1]: [] }
  for (let pass = 0; pass < bench.passes; pass++)
    for (const person of [busy, busy + 1]) {
      const startedAt = performance.now()
      await read(bench, person)
      took[person]!.push(performance.now() - startedAt)
    }
  const [whole, half] = [median(took[busy]!), median(took[busy + 1]!)]
  return [
    { what: 'initial sync, 500 rooms, 20 events each, lazy members', value: whole, unit: 'ms', most: 1_500 },
    { what: 'the same beside 250 rooms', value: whole / half, unit: 'times', most: 2.5 },
  ]
}

async function measureNothingNew(bench: Bench): Promise<ReaderRow[]> {
  const { next_batch: since } = await read(bench, busy)
  const calls = 100 * bench.passes
  const cpu = await cpuOf(bench, async () => {
    for (let n = 0; n < calls; n++) await read(bench, busy, { since })
  })
  return [{ what: 'increment with nothing new, 500 rooms', value: cpu / calls / 1_000, unit: 'ms CPU', most: 1 }]
}

/** A message into a room of a thousand members, where nobody waits, beside one into a room of ten. */
async function measureCrowd(bench: Bench): Promise<ReaderRow[]> {
  const took: [number[], number[]] = [[], []]
  await sendMany(bench, 0, 0, 50)
  await sendMany(bench, 1, crowdFrom, 50)
  for (let pass = 0; pass < bench.passes; pass++) {
    took[0].push(await sendMany(bench, 0, 0, 100))
    took[1].push(await sendMany(bench, 1, crowdFrom, 100))
  }
  const ratio = median(took[1]) / median(took[0])
  return [{ what: 'send into a room of 1,000 local members, beside one of 10', value: ratio, unit: 'times', most: 3 }]
}

/** In a node that was just started: in one that has worked, those who wait go where something else was, and seem to cost nothing. */
async function measureWaiting(
  bench: Bench,
  what: string,
  open: typeof openStreams,
  clients: number,
): Promise<ReaderRow[]> {
  const { node, population } = bench
  const { next_batch: since } = await read(bench, 0)
  const waiting = { ...population, tokens: population.tokens.slice(waitingFrom, waitingFrom + pollers) }
  const closeFew = await open(node.port, waiting, since, 50)
  await sendMany(bench, 0, 0, 300)
  const withFew = await cpuOf(bench, () => sendMany(bench, 0, 0, 500))
  closeFew()
  let withMany = 0
  const each = await costOf(
    () => settled(node.pid),
    clients,
    () => open(node.port, waiting, since, clients),
    async () => {
      withMany = await cpuOf(bench, () => sendMany(bench, 0, 0, 500))
    },
  )
  const kilobytes = each === undefined ? undefined : each / 1_000
  const count = `${clients.toLocaleString('en')} ${what}`
  return [
    { what: `memory of each of ${count}`, value: kilobytes, unit: 'kB', most: 40 },
    { what: `a message among ${count}, beside 50`, value: withMany / withFew, unit: 'times', most: 1.2 },
  ]
}

let sent = 0

/** Sends one after the other; answers with the milliseconds that it took. */
async function sendMany({ node, population }: Bench, room: number, person: number, count: number): Promise<number> {
  const startedAt = performance.now()
  for (let n = 0; n < count; n++) {
    const response = await fetch(`${node.baseUrl}${sendPath(population.rooms[room]!)}/r${sent++}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${population.tokens[person]!}`, 'content-type': 'application/json' },
      body: JSON.stringify({ msgtype: 'm.text', body: `Message ${n} of a quiet evening` }),
    })
    if (response.status !== 200) throw new Error(`a message was refused: ${await response.text()}`)
    await response.arrayBuffer()
  }
  return performance.now() - startedAt
}

/** CPU time of the node and its Postgres meanwhile, in microseconds. */
async function cpuOf({ dataDir, node }: Bench, work: () => Promise<unknown>): Promise<number> {
  const now = () => cpuMicros(node.pid) + postgresCpuMicros(dataDir)
  const before = now()
  await work()
  return now() - before
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

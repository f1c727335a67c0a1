import { lastMessage, Listener } from './listener.ts'
import type { Lane, LoadPlan, LoadReport, LoadResult } from './load-plan.ts'
import { Times } from './percentiles.ts'
import { Sender } from './sender.ts'

/*
 * The load generator: a process that is handed one plan after the other.
 */

const report = (said: LoadReport): void => void process.send!(said)
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Messages are numbered through all plans, so that an old one in a first frame is not taken for a new one. */
let lastNumber = 0

/** One run: what was sent when, and who got it. */
class Run {
  readonly plan: LoadPlan
  readonly firstNumber = lastNumber + 1
  readonly senders: Sender[] = []
  readonly listeners: Listener[] = []
  readonly observers: Listener[] = []
  measuring = false
  stopping = false
  ack = new Times()
  receive = new Times()
  acknowledged = 0
  measuredSends = 0
  refused = 0
  doubled = 0
  /** Acknowledged messages by room. */
  readonly perRoom: number[]
  /** Of each message: when it was sent, or due, in ms; its room; how many observers have it. */
  readonly sentAt: number[] = []
  readonly roomOf: number[] = []
  readonly seen: number[] = []
  readonly wasAcknowledged: boolean[] = []

  constructor(plan: LoadPlan) {
    this.plan = plan
    this.perRoom = Array.from({ length: plan.rooms }, () => 0)
  }

  async open(): Promise<void> {
    const { plan } = this
    const every = Math.max(1, Math.floor(plan.listeners.length / plan.observers))
    // A few at a time: a server need not answer two thousand first syncs at once.
    for (let first = 0; first < plan.listeners.length; first += 50) {
      const some = plan.listeners.slice(first, first + 50)
      await Promise.all(some.map((listener, index) => this.#openListener(listener, (first + index) % every === 0)))
    }
    const senders = plan.senders.map((sender, index) => Sender.open(sender, plan.port, index))
    this.senders.push(...(await Promise.all(senders)))
  }

  async #openListener(listenerPlan: LoadPlan['listeners'][number], observes: boolean): Promise<void> {
    const { port } = this.plan
    if (!observes) return void this.listeners.push(await Listener.open(listenerPlan, port))
    const got = new Set<number>()
    const listener = await Listener.open(listenerPlan, port, (message) => this.#received(got, message))
    this.listeners.push(listener)
    this.observers.push(listener)
  }

  #received(got: Set<number>, message: number): void {
    const index = message - this.firstNumber
    if (index < 0) return
    if (got.has(message)) return void this.doubled++
    got.add(message)
    this.seen[index]!++
    if (this.measuring) this.receive.add(performance.now() - this.sentAt[index]!)
  }

  /** Sends the next message; `dueAt` is when it should have gone out. */
  send(sender: Sender, dueAt: number, onIdle: () => void): void {
    const message = ++lastNumber
    const index = message - this.firstNumber
    const { room } = sender.next
    this.sentAt[index] = dueAt
    this.roomOf[index] = room
    this.seen[index] = 0
    this.wasAcknowledged[index] = false
    sender.send(message, `m${message}`, (status) => {
      if (status === 200) {
        this.acknowledged++
        this.perRoom[room]!++
        this.wasAcknowledged[index] = true
        if (this.measuring) {
          this.measuredSends++
          this.ack.add(performance.now() - dueAt)
        }
      } else this.refused++
      onIdle()
    })
  }

  close(): void {
    for (const one of [...this.senders, ...this.listeners]) one.close()
  }
}

/** Every sender sends as soon as it may. Resolves when all have stopped. */
function saturate(run: Run): Promise<void> {
  const loop = (sender: Sender): Promise<void> =>
    new Promise((resolve) => {
      const next = () => (run.stopping ? resolve() : run.send(sender, performance.now(), next))
      next()
    })
  return Promise.all(run.senders.map(loop)).then(() => undefined)
}

/** So many a second, whatever the answers do: a message that finds no sender idle waits, and its time counts from when it was due. */
async function pace(run: Run, perSecond: number): Promise<void> {
  const idle = [...run.senders]
  const due: number[] = []
  const startedAt = performance.now()
  let started = 0
  const flush = () => {
    while (due.length > 0 && idle.length > 0) {
      const sender = idle.shift()!
      run.send(sender, due.shift()!, () => {
        idle.push(sender)
        flush()
      })
    }
  }
  while (!run.stopping) {
    const until = Math.floor(((performance.now() - startedAt) / 1000) * perSecond)
    for (; started < until; started++) due.push(startedAt + (started / perSecond) * 1000)
    flush()
    await pause(1)
  }
  due.length = 0
  while (idle.length < run.senders.length) await pause(5)
}

const drainMs = 10_000

/** Waits until everybody has everything, or `drainMs` have passed. */
async function drain(run: Run): Promise<void> {
  for (const listener of run.listeners) listener.expectLast()
  const lanes = new Map(run.plan.senders.flat().map((lane) => [lane.room, lane]))
  for (const lane of lanes.values()) await sendLast(run, lane)
  const until = performance.now() + drainMs
  while (performance.now() < until && behind(run).length > 0) await pause(10)
}

/** One last message into a room, which every listener looks for. */
async function sendLast(run: Run, lane: Lane): Promise<void> {
  const sender = await Sender.open([lane], run.plan.port, 0)
  const status = await new Promise<number>((resolve) => sender.send(lastMessage, `last${++lastNumber}`, resolve))
  sender.close()
  if (status !== 200) throw new Error(`the last message was answered with ${status}`)
}

/** A listener has everything when the last message of each of its rooms has come, for they come in order. */
const behind = (run: Run): Listener[] => run.listeners.filter((one) => one.lastSeen === 0)

/** Listeners that got to the end with so few bytes that they must have been given gaps. */
function withGaps(run: Run, bytesPerDelivery: number): Listener[] {
  return run.listeners.filter((one) => one.bytes < run.perRoom[one.plan.room]! * bytesPerDelivery * 0.5)
}

function resultOf(run: Run, seconds: number): LoadResult {
  const { plan } = run
  const heardBy = run.perRoom.map((_, room) => plan.listeners.filter((one) => one.room === room).length)
  const observedBy = run.perRoom.map((_, room) => run.observers.filter((one) => one.plan.room === room).length)
  const missed = run.seen.reduce(
    (sum, seen, index) => sum + (run.wasAcknowledged[index] ? Math.max(0, observedBy[run.roomOf[index]!]! - seen) : 0),
    0,
  )
  const deliveries = run.perRoom.reduce((sum, count, room) => sum + count * heardBy[room]!, 0)
  const bytes = run.listeners.reduce((sum, listener) => sum + listener.bytes, 0)
  const bytesPerDelivery = bytes / Math.max(1, deliveries)
  const sendsPerSecond = run.measuredSends / seconds
  return {
    sent: run.measuredSends,
    seconds,
    sendsPerSecond,
    deliveriesPerSecond: (sendsPerSecond * deliveries) / Math.max(1, run.acknowledged),
    ack: run.ack.percentiles(),
    receive: run.receive.percentiles(),
    refused: run.refused,
    missed,
    doubled: run.doubled,
    closed: run.listeners.filter((listener) => listener.closed).length,
    behind: new Set([...behind(run), ...withGaps(run, bytesPerDelivery)]).size,
    bytesPerDelivery,
  }
}

async function execute(plan: LoadPlan): Promise<LoadResult> {
  const run = new Run(plan)
  try {
    await run.open()
    const sending = plan.ratePerSecond === undefined ? saturate(run) : pace(run, plan.ratePerSecond)
    await pause(plan.warmUpMs)
    report({ type: 'measuring' })
    run.measuring = true
    const startedAt = performance.now()
    await pause(plan.measureMs)
    const seconds = (performance.now() - startedAt) / 1000
    run.measuring = false
    report({ type: 'measured' })
    run.stopping = true
    await sending
    await drain(run)
    return resultOf(run, seconds)
  } finally {
    run.close()
  }
}

process.on('message', (plan: LoadPlan) => {
  execute(plan).then(
    (result) => report({ type: 'result', result }),
    (error: unknown) => {
      process.stderr.write(`the load generator failed: ${error instanceof Error ? error.stack : String(error)}\n`)
      process.exit(1)
    },
  )
})
process.on('disconnect', () => process.exit(0))

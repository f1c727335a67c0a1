import { verify } from 'node:crypto'
import { systemCrypto } from '#node/deps.ts'
import { fromWire } from '#spec/room/event.ts'
import { resolveDifferences } from '#spec/room/resolve/resolve.ts'
import { isSignedBy } from '#spec/room/signatures.ts'
import { requireRoomVersion, type RoomVersion } from '#spec/room/versions.ts'
import { receiveEvents } from './room-machine-events.ts'
import { forkRoom, forkRoomBy, type ForkedRoom } from './room-machine-rooms.ts'

/** What the room machine takes, in milliseconds of CPU time, and how it stands to something else that was measured in turns with it. */
export interface RoomMachineRow {
  readonly what: string
  readonly version: string
  readonly milliseconds: number
  readonly besides: string
  readonly besidesMilliseconds: number
  readonly ratio: number
  /** How large or small the ratio may be. */
  readonly aim: { readonly least: number } | { readonly most: number }
}

/** The name by which `--only` asks for it. */
export const roomMachine = 'room machine'

export const measureRoomMachine = (quick: boolean): RoomMachineRow[] =>
  ['11', '12'].map(requireRoomVersion).flatMap((version) => {
    const passes = quick ? 40 : 100
    return [measureReceiving(version, passes), measureMembers(version, passes), measureHistory(version, passes)]
  })

/** The signature of an event costs what it costs; what we do around it should not cost much more. */
function measureReceiving(version: RoomVersion, passes: number): RoomMachineRow {
  const events = receiveEvents(version, 200)
  const receive = (): void => {
    for (const { wire, server, keyId, publicKey } of events) {
      fromWire(version, wire, systemCrypto)
      assert(isSignedBy(version, wire, server, keyId, publicKey, systemCrypto))
    }
  }
  const verifyOnly = (): void => {
    for (const { signed, key, signature } of events) assert(verify(null, signed, key, signature))
  }
  const { milliseconds, besidesMilliseconds, ratio } = compare(passes, receive, verifyOnly)
  return {
    what: `${events.length} events of 1 kB hashed and verified`,
    version: version.id,
    milliseconds,
    besides: 'their signatures alone',
    besidesMilliseconds,
    ratio: 1 / ratio,
    aim: { least: 0.6 },
  }
}

/** The same fork in a room with a hundred times the members. */
function measureMembers(version: RoomVersion, passes: number): RoomMachineRow {
  const [large, small] = [forkRoom(version, 10_000, 10), forkRoom(version, 100, 10)]
  const { milliseconds, besidesMilliseconds, ratio } = compare(
    passes,
    () => repeat(50, () => resolveFork(large)),
    () => repeat(50, () => resolveFork(small)),
  )
  return {
    what: '20 conflicting events, 10,000 members, 50 times',
    version: version.id,
    milliseconds,
    besides: 'the same with 100 members',
    besidesMilliseconds,
    ratio,
    aim: { most: 3 },
  }
}

/**
 * One fork of 10,000 events, and the same in ten forks of 1,000: of the same room, by the same changes to the same members. So the conflict is
 * all that differs. One small fork again and again would fit into the processor's cache, where no room in use waits to be resolved.
 */
function measureHistory(version: RoomVersion, passes: number): RoomMachineRow {
  const tenths = Array.from({ length: 10 }, (_, n) => ({ from: 500 * n, to: 500 * (n + 1) }))
  const [large, ...small] = forkRoomBy(version, 10_000, [{ from: 0, to: 5000 }, ...tenths])
  const { milliseconds, besidesMilliseconds, ratio } = compare(
    passes,
    () => resolveFork(large!),
    () => small.forEach(resolveFork),
  )
  return {
    what: '10,000 events in conflict',
    version: version.id,
    milliseconds,
    besides: '1,000 events in conflict',
    besidesMilliseconds: besidesMilliseconds / small.length,
    ratio: small.length * ratio,
    aim: { most: 15 },
  }
}

function resolveFork({ version, sets, source }: ForkedRoom): void {
  assert(resolveDifferences(version, sets, source).size > 0)
}

function repeat(times: number, run: () => void): void {
  for (let n = 0; n < times; n++) run()
}

function assert(holds: boolean): void {
  if (!holds) throw new Error('the room machine answered wrongly')
}

interface Comparison {
  readonly milliseconds: number
  readonly besidesMilliseconds: number
  /** Of the one to the other. */
  readonly ratio: number
}

const warmUps = 5

/**
 * Medians over many passes, each of which does the one and the other in turn and in changing order, after some that warm up. CPU time, garbage
 * collection and its threads included, so that work which runs beside does not count; what it does to the caches falls on both. The ratio is
 * the median of the ratios of the passes: half of them were better and half of them worse.
 */
function compare(passes: number, one: () => void, other: () => void): Comparison {
  const took = Array.from({ length: warmUps + passes }, (_, pass) => {
    if (pass % 2 === 0) return [cpuTimeOf(one), cpuTimeOf(other)] as const
    const second = cpuTimeOf(other)
    return [cpuTimeOf(one), second] as const
  }).slice(warmUps)
  return {
    milliseconds: median(took.map(([first]) => first)),
    besidesMilliseconds: median(took.map(([, second]) => second)),
    ratio: median(took.map(([first, second]) => first / second)),
  }
}

function cpuTimeOf(run: () => void): number {
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

import { verify } from 'node:crypto'
import { systemCrypto } from '#node/deps.ts'
import { fromWire } from '#spec/room/event.ts'
import { resolveDifferences } from '#spec/room/resolve/resolve.ts'
import { isSignedBy } from '#spec/room/signatures.ts'
import { requireRoomVersion, type RoomVersion } from '#spec/room/versions.ts'
import { receiveEvents } from './room-machine-events.ts'
import { forkRoom, type ForkedRoom } from './room-machine-rooms.ts'

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
    const passes = quick ? 10 : 80
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
  const [milliseconds, besidesMilliseconds] = compare(passes, receive, verifyOnly)
  return {
    what: `${events.length} events of 1 kB hashed and verified`,
    version: version.id,
    milliseconds,
    besides: 'their signatures alone',
    besidesMilliseconds,
    ratio: besidesMilliseconds / milliseconds,
    aim: { least: 0.6 },
  }
}

/** The same fork in a room with a hundred times the members. */
function measureMembers(version: RoomVersion, passes: number): RoomMachineRow {
  const [large, small] = [forkRoom(version, 10_000, 10), forkRoom(version, 100, 10)]
  const [milliseconds, besidesMilliseconds] = compare(
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
    ratio: milliseconds / besidesMilliseconds,
    aim: { most: 3 },
  }
}

/** Ten times the conflicts, against ten rooms, so that both go over the same amount of memory. */
function measureHistory(version: RoomVersion, passes: number): RoomMachineRow {
  const large = forkRoom(version, 10_000, 5000)
  const small = Array.from({ length: 10 }, () => forkRoom(version, 1000, 500))
  const [milliseconds, besidesMilliseconds] = compare(
    passes,
    () => resolveFork(large),
    () => small.forEach(resolveFork),
  )
  return {
    what: '10,000 events in conflict',
    version: version.id,
    milliseconds,
    besides: '1,000 events in conflict',
    besidesMilliseconds: besidesMilliseconds / small.length,
    ratio: (small.length * milliseconds) / besidesMilliseconds,
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

/**
 * The least CPU time of each in several passes, turn and turn about, after some that warm up: what the work itself takes. Whatever else runs on the
 * machine, and the garbage of earlier passes, fall on some passes and not on others.
 */
function compare(passes: number, one: () => void, other: () => void): [number, number] {
  const least: [number, number] = [Infinity, Infinity]
  for (let pass = -3; pass < passes; pass++) {
    for (const [index, run] of [one, other].entries()) {
      const before = process.cpuUsage()
      run()
      const { user, system } = process.cpuUsage(before)
      if (pass >= 0) least[index] = Math.min(least[index]!, (user + system) / 1000)
    }
  }
  return least
}

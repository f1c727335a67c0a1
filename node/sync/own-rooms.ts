import { invalidParam } from '#spec/errors.ts'
import type { RoomId } from '#spec/ids.ts'
import { Kept } from '#node/db/kept.ts'
import { perNode, type Deps } from '#node/deps.ts'
import { eventKind, type EventRow } from '#node/rooms/facts.ts'
import { announced } from './announced.ts'
import type { Reader } from './reader.ts'
import * as store from './store.ts'

/** Where a reader stands in every room, at a position. */
export interface OwnRooms extends store.Memberships {
  /** Every room that they are in. */
  readonly joined: readonly RoomId[]
}

/** What holds for every reading since a position, until the reader's own membership of some room changes. */
interface Settled {
  readonly since: number
  readonly settled: readonly store.SettledRow[]
  readonly joined: readonly RoomId[]
}

/** So many rooms of all readers together, some 15 MB. */
const mostRooms = 100_000

const settledOf = perNode((deps) => {
  const kept = new Kept<Settled>(mostRooms, ({ joined }) => 1 + joined.length)
  let { losses } = deps.stream
  deps.stream.onCommit(({ facts }) => {
    for (const { kind, row } of facts) {
      if ((kind as unknown) !== eventKind) continue
      const { event } = row as EventRow
      if (event.type === 'm.room.member' && event.state_key !== undefined) kept.forget(event.state_key)
    }
  })
  return () => {
    if (losses !== deps.stream.losses) kept.forgetAll()
    losses = deps.stream.losses
    return kept
  }
})

/**
 * How far the log is, and where the reader stands in every room at that very position. Mostly nothing of theirs has changed since they
 * last asked: memory knows it then, as of the newest position that was announced.
 */
export async function readOwnRooms(deps: Deps, reader: Reader, since: number | undefined): Promise<OwnRooms> {
  const kept = settledOf(deps)()
  const { head } = deps.stream
  const found = kept.get(reader.userId)
  if (since === undefined || (found !== undefined && since < found.since)) return read(deps, reader, since)
  if (found !== undefined && since <= head) return { ...found, head, others: [] }
  let ownRooms: OwnRooms | undefined
  const readAnew = async () => {
    ownRooms = await read(deps, reader, since)
    // What is kept holds at the newest position that was announced: it must not be of a later one.
    await announced(deps, ownRooms.head)
    return { since, settled: ownRooms.settled, joined: ownRooms.joined }
  }
  const isLasting = () =>
    deps.stream.head >= ownRooms!.head && ownRooms!.others.every(({ position }) => position <= since)
  await kept.getOrRead(reader.userId, readAnew, isLasting)
  return ownRooms ?? read(deps, reader, since)
}

async function read(deps: Deps, reader: Reader, since: number | undefined): Promise<OwnRooms> {
  const memberships = await store.readMemberships(deps.sql, reader.userId, {
    since: since ?? 0,
    leftAfter: since ?? (reader.filter.room?.include_leave ? 0 : Number.MAX_SAFE_INTEGER),
    // That a room was left, a device is told even if another has forgotten it by then.
    withForgotten: since !== undefined,
  })
  const { head, settled, others } = memberships
  if (since !== undefined && since > head) throw invalidParam('This token is of a later time than this server knows.')
  const joined = [...settled, ...others.filter((row) => row.membership === 'join')].map((row) => row.roomId)
  return { head, settled, others, joined }
}

import type { RoomId, UserId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import { write } from '#node/stream/commit.ts'
import { presenceKind } from './facts.ts'
import { peopleOf, stateOf, type Person } from './people.ts'
import { readRoomsToTell } from './store.ts'

/** Changes wait so long for others: when everybody comes back at once, each of their friends is told once and not a hundred times. */
export const gatherMs = 1_000

/** Gives a person's state to the log with the next lot, if it is another than before. */
export function announceSoon(deps: Deps, person: Person): void {
  if (!isNews(deps, person)) return
  const people = peopleOf(deps)
  people.changed.add(person.userId)
  if (people.isFlushing) return
  people.isFlushing = true
  deps.clock.after(gatherMs, () => {
    people.isFlushing = false
    const changed = [...people.changed]
    people.changed.clear()
    people.announced = announce(deps, changed).catch((error: unknown) =>
      deps.log.warn({ err: error }, 'presence not announced'),
    )
  })
}

function isNews(deps: Deps, person: Person): boolean {
  const { announced, statusMsg } = person
  return stateOf(deps, person) !== announced.state || statusMsg !== announced.statusMsg
}

/** Gives what is new of these people to the log; resolves when it is stored. */
export async function announce(deps: Deps, userIds: readonly UserId[]): Promise<void> {
  const rooms = Map.groupBy(await readRoomsToTell(deps.sql, userIds), (row) => row.userId)
  const { all } = peopleOf(deps)
  const changed = userIds.map((userId) => all.get(userId)!).filter((person) => isNews(deps, person))
  if (changed.length === 0) return
  const writes = changed.map((person) => {
    const { userId, statusMsg, lastActiveAt } = person
    const state = stateOf(deps, person)
    person.announced = { state, statusMsg }
    const roomIds: readonly RoomId[] = rooms.get(userId)?.map((row) => row.roomId) ?? []
    return write(presenceKind, { userId, state, statusMsg, lastActiveAt, rooms: roomIds })
  })
  try {
    await deps.stream.append(writes)
  } catch (error) {
    for (const person of changed) person.announced = person.stored ?? { state: 'offline', statusMsg: null }
    throw error
  }
}

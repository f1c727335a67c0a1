import type { RoomId, UserId } from '#spec/ids.ts'
import { membershipOf } from '#spec/room/content.ts'
import { perNode, type Deps } from '#node/deps.ts'
import { readMarkKind } from '#node/ephemeral/facts.ts'
import { enqueueAlone } from '#node/jobs/enqueue.ts'
import { eventKind, type EventRow } from '#node/rooms/facts.ts'
import type { StoredFact } from '#node/stream/commit.ts'
import { exceptionKind, roomNotificationKind } from '../facts.ts'
import { readJoinedRooms } from '../store.ts'
import { pushJob } from './push-job.ts'
import * as store from './store.ts'

interface Awake {
  /** The pushers of people who have any. */
  readonly pushers: Map<UserId, Map<string, store.PusherKey>>
  /** Those people, by the rooms that they are in. */
  readonly rooms: Map<RoomId, Set<UserId>>
}

const nameOf = ({ appId, pushkey }: store.PusherKey): string => `${appId} ${pushkey}`

const awakeOf = perNode<Awake>((deps) => {
  const awake: Awake = { pushers: new Map(), rooms: new Map() }
  deps.stream.onCommit(({ facts }) => {
    if (awake.pushers.size === 0) return
    const concerned = new Set<UserId>()
    for (const fact of facts) note(awake, fact, concerned)
    for (const userId of concerned) for (const key of awake.pushers.get(userId)?.values() ?? []) ask(deps, key)
  })
  return awake
})

/** Who may have something to be told. Whether they have, the job finds out. */
function note({ pushers, rooms }: Awake, { kind, row }: StoredFact, concerned: Set<UserId>): void {
  const { userId, roomId } = row as { userId: UserId; roomId: RoomId }
  switch (kind as unknown) {
    case roomNotificationKind:
      for (const one of rooms.get(roomId) ?? []) concerned.add(one)
      return
    case exceptionKind:
    case readMarkKind:
      if (pushers.has(userId)) concerned.add(userId)
      return
    case eventKind: {
      const { event } = row as EventRow
      const member = event.type === 'm.room.member' ? (event.state_key as UserId) : undefined
      if (member === undefined || !pushers.has(member)) return
      if (membershipOf(event) === 'join') enter(rooms, event.room_id, member)
      else rooms.get(event.room_id)?.delete(member)
    }
  }
}

function enter(rooms: Awake['rooms'], roomId: RoomId, userId: UserId): void {
  const of = rooms.get(roomId)
  if (of) of.add(userId)
  else rooms.set(roomId, new Set([userId]))
}

/** Jobs that have been asked for and have not begun. */
const askedOf = perNode(() => new Map<string, Promise<void>>())

/** Resolves when everything that was committed so far is known to the jobs. */
export const pushesAsked = async (deps: Deps): Promise<void> => void (await Promise.all(askedOf(deps).values()))

function ask(deps: Deps, key: store.PusherKey): void {
  const asked = askedOf(deps)
  const name = JSON.stringify([key.userId, key.appId, key.pushkey])
  if (asked.has(name)) return
  // Nothing is lost if this fails: where a pusher stands is stored, and the next news, or the next start, asks again.
  const asking = enqueueAlone(deps, pushJob, key, { key: name, lane: key.pushkey })
    .catch((error: unknown) => deps.log.warn({ err: error }, 'push not enqueued'))
    .finally(() => asked.delete(name))
  asked.set(name, asking)
}

/** Begins to look after a pusher. */
export async function learnPusher(deps: Deps, key: store.PusherKey): Promise<void> {
  const { pushers, rooms } = awakeOf(deps)
  const known = pushers.get(key.userId)
  if (known) return void known.set(nameOf(key), key)
  pushers.set(key.userId, new Map([[nameOf(key), key]]))
  for (const { roomId } of await readJoinedRooms(deps.sql, key.userId)) enter(rooms, roomId, key.userId)
}

/** Looks after all pushers; each catches up with what happened while the node was away. */
export async function startPushers(deps: Deps): Promise<void> {
  for (const key of await store.readAllKeys(deps.sql)) {
    await learnPusher(deps, key)
    ask(deps, key)
  }
}

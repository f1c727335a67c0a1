import { forbidden } from '#spec/errors.ts'
import type { RoomId, UserId } from '#spec/ids.ts'
import { perNode, type Deps } from '#node/deps.ts'
import { eventKind, type EventRow } from '#node/rooms/facts.ts'
import { readMember } from '#node/rooms/store.ts'
import { write, type StoredFact } from '#node/stream/commit.ts'
import { typingKind, type Typing } from './facts.ts'

const usualTimeoutMs = 30_000
const longestTimeoutMs = 120_000

/** Who types in a room, as the log has it. */
export interface TypingAt {
  readonly position: number
  readonly userIds: readonly UserId[]
}

interface TypingRooms {
  /** By room and user: how to call off the end that was set for it. Runs ahead of the log by what is being stored. */
  readonly typists: Map<RoomId, Map<UserId, () => void>>
  readonly committed: Map<RoomId, TypingAt>
  /** Whoever has an older token may know of people typing whom this process does not. */
  readonly startedAt: number
}

const typingOf = perNode<TypingRooms>((deps) => {
  const rooms: TypingRooms = { typists: new Map(), committed: new Map(), startedAt: deps.stream.head }
  deps.stream.onCommit(({ facts }) => {
    for (const fact of facts) note(deps, rooms, fact)
  })
  return rooms
})

/** Begins to remember who types. */
export const startTyping = (deps: Deps): void => void typingOf(deps)

function note(deps: Deps, rooms: TypingRooms, { kind, row, position }: StoredFact): void {
  if (kind === typingKind) {
    const { roomId, userIds } = row as Typing
    rooms.committed.set(roomId, { position, userIds })
  } else if (kind === eventKind) {
    const { event, membershipChanged } = row as EventRow
    if (event.type === 'm.room.member' && membershipChanged) stopTyping(deps, event.room_id, event.state_key as UserId)
  }
}

/** What a reader whose token stands at `since` does not know of who types; nothing if nothing changed. */
export function typingSince(deps: Deps, roomId: RoomId, since: number, upTo: number): readonly UserId[] | undefined {
  const at = typingOf(deps).committed.get(roomId)
  return at && at.position > since && at.position <= upTo ? at.userIds : undefined
}

/** True for a token from before this process started: people whom it shows typing have stopped since. */
export const isFromEarlierStart = (deps: Deps, since: number): boolean => since > 0 && since <= typingOf(deps).startedAt

/** Says that a user is typing for the next `timeout` ms, or has stopped. */
export async function setTyping(
  deps: Deps,
  userId: UserId,
  roomId: RoomId,
  { typing, timeout }: { typing: boolean; timeout?: number | undefined },
): Promise<void> {
  const member = await readMember(deps.sql, roomId, userId)
  if (member?.membership !== 'join') throw forbidden('You are not in this room.')
  const typists = typistsOf(deps, roomId)
  const known = typists.get(userId)
  known?.()
  if (typing) {
    const endsIn = Math.min(timeout ?? usualTimeoutMs, longestTimeoutMs)
    typists.set(
      userId,
      deps.clock.after(endsIn, () => stopTyping(deps, roomId, userId)),
    )
  } else typists.delete(userId)
  // Typing on is no news.
  if (typing !== (known !== undefined)) await announce(deps, roomId)
}

function typistsOf(deps: Deps, roomId: RoomId): Map<UserId, () => void> {
  const { typists } = typingOf(deps)
  const found = typists.get(roomId)
  if (found) return found
  const made = new Map<UserId, () => void>()
  typists.set(roomId, made)
  return made
}

function stopTyping(deps: Deps, roomId: RoomId, userId: UserId): void {
  const typists = typingOf(deps).typists.get(roomId)
  const known = typists?.get(userId)
  if (!known) return
  known()
  typists!.delete(userId)
  announce(deps, roomId).catch((error: unknown) => deps.log.warn({ err: error }, 'end of typing not announced'))
}

const announce = (deps: Deps, roomId: RoomId) =>
  deps.stream.append([write(typingKind, { roomId, userIds: [...typistsOf(deps, roomId).keys()] })])

import type { DeviceId, RoomId, UserId } from '#spec/ids.ts'
import { perNode, type Deps } from '#node/deps.ts'

/** Whose member events a device has been sent, by room. */
export interface KnownMembers {
  has(roomId: RoomId, userId: UserId): boolean
  add(roomId: RoomId, userId: UserId): void
}

/** Beyond this many a device is told members again: a few kilobytes on the wire against memory that grows for ever. */
const mostKnown = 20_000

export class MemberSet implements KnownMembers {
  readonly #rooms = new Map<RoomId, Set<UserId>>()
  #size = 0

  has(roomId: RoomId, userId: UserId): boolean {
    return this.#rooms.get(roomId)?.has(userId) ?? false
  }

  add(roomId: RoomId, userId: UserId): void {
    if (this.has(roomId, userId)) return
    if (++this.#size > mostKnown) {
      this.#rooms.clear()
      this.#size = 1
    }
    const users = this.#rooms.get(roomId)
    if (users) users.add(userId)
    else this.#rooms.set(roomId, new Set([userId]))
  }

  addAll(other: MemberSet): void {
    for (const [roomId, users] of other.#rooms) for (const userId of users) this.add(roomId, userId)
  }
}

/**
 * What a device of `/sync` knows. An answer may be lost on its way: what it held counts as known only when the device comes back with the
 * token of that answer.
 */
interface DeviceKnowledge {
  readonly since: string
  readonly known: MemberSet
  pending: { readonly next: string; readonly sent: MemberSet } | undefined
}

const devicesOf = perNode(() => new Map<string, DeviceKnowledge>())
const mostDevices = 1_000

/** What the device knows that comes with this token. `answered` is to be told the token of the answer. */
export function knownTo(
  deps: Deps,
  { userId, deviceId }: { userId: UserId; deviceId: DeviceId },
  since: string | undefined,
): { known: KnownMembers; answered: (next: string) => void } {
  const devices = devicesOf(deps)
  const key = `${userId} ${deviceId}`
  const known = knowledgeAt(devices.get(key), since)
  const sent = new MemberSet()
  return {
    known: {
      has: (roomId, member) => known.has(roomId, member) || sent.has(roomId, member),
      add: (roomId, member) => sent.add(roomId, member),
    },
    answered(next) {
      devices.delete(key)
      devices.set(key, { since: since ?? '', known, pending: { next, sent } })
      if (devices.size > mostDevices) devices.delete(devices.keys().next().value!)
    },
  }
}

function knowledgeAt(knowledge: DeviceKnowledge | undefined, since: string | undefined): MemberSet {
  if (knowledge === undefined || since === undefined) return new MemberSet()
  if (knowledge.pending?.next === since) {
    knowledge.known.addAll(knowledge.pending.sent)
    return knowledge.known
  }
  return knowledge.since === since ? knowledge.known : new MemberSet()
}

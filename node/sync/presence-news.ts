import type { RoomId, UserId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import type { PresenceRow } from '#node/presence/facts.ts'
import { peopleOf } from '#node/presence/people.ts'
import { isWorthTelling } from '#node/presence/read-presence.ts'
import { readSmallRooms } from '#node/presence/store.ts'
import type { EventRow } from '#node/rooms/facts.ts'
import { presenceText } from './presence-part.ts'

/** Somebody of whom listeners are told, and in which rooms. */
interface Told {
  readonly userId: UserId
  readonly rooms: Set<RoomId>
  position: number
  text: string
}

/** Who came and went in a few commits, and who joined rooms: those in a room are told whether a newcomer is there. */
export class PresenceNews {
  readonly #people = new Map<UserId, Told>()
  #joins: { readonly userId: UserId; readonly roomId: RoomId; readonly position: number }[] = []

  get told(): readonly Told[] {
    return [...this.#people.values()]
  }

  add({ userId, rooms }: Pick<PresenceRow, 'userId' | 'rooms'>, position: number): void {
    const known = this.#people.get(userId)
    if (!known) return void this.#people.set(userId, { userId, rooms: new Set(rooms), position, text: '' })
    for (const roomId of rooms) known.rooms.add(roomId)
    known.position = Math.max(known.position, position)
  }

  addMember({ event, membershipChanged }: EventRow, position: number): void {
    if (!membershipChanged || event.content['membership'] !== 'join') return
    this.#joins.push({ userId: event.state_key as UserId, roomId: event.room_id, position })
  }

  /** Makes the texts. Only joins ask the database. */
  async prepare(deps: Deps): Promise<void> {
    const { all } = peopleOf(deps)
    const isThere = (userId: UserId) => isWorthTelling(all.get(userId), Infinity)
    const joins = this.#joins.filter(({ userId }) => isThere(userId))
    const rooms = [...new Set(joins.map(({ roomId }) => roomId))]
    const small = rooms.length === 0 ? new Set() : await readSmallRooms(deps.sql, rooms)
    for (const { userId, roomId, position } of joins)
      if (small.has(roomId)) this.add({ userId, rooms: [roomId] }, position)
    for (const one of this.#people.values()) one.text = presenceText(deps, all.get(one.userId)!)
  }
}

import { setTimeout as pause } from 'node:timers/promises'
import { joinRoom, leaveRoom } from '#spec/api/client/rooms.ts'
import type { RoomId } from '#spec/ids.ts'
import { Caller } from './caller.ts'
import type { Dice } from './dice.ts'
import type { Visits } from './ledger.ts'
import { persist, type Load } from './persist.ts'
import type { Person } from './settle.ts'

/** Comes and goes. Joining twice is joining once, so every coming and going must be stored exactly once however often it was asked for. */
export async function wander(load: Load, person: Person, rooms: readonly RoomId[], dice: Dice): Promise<void> {
  const caller = new Caller(load.baseUrl, person.token)
  const visits = rooms.map((roomId) => ({ userId: person.userId, roomId, acknowledged: 0, inDoubt: false }))
  load.ledger.visits.push(...visits)
  while (!load.over) {
    await comeOrGo(load, caller, dice, dice.pick(visits))
    await pause(10 + dice.below(40))
  }
  caller.close()
}

async function comeOrGo(load: Load, caller: Caller, dice: Dice, visits: Visits): Promise<void> {
  const endpoint = visits.acknowledged % 2 === 0 ? joinRoom : leaveRoom
  const input = { params: { roomId: visits.roomId as RoomId }, body: {} }
  const { answer } = await persist(load, caller, dice, { endpoint, input })
  visits.inDoubt = answer === undefined
  if (answer) visits.acknowledged++
}

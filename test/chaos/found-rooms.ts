import { setTimeout as pause } from 'node:timers/promises'
import { createRoom } from '#spec/api/client/rooms.ts'
import { Caller } from './caller.ts'
import type { Dice } from './dice.ts'
import type { Founding } from './ledger.ts'
import { persist, type Load } from './persist.ts'
import type { Person } from './settle.ts'
import { sendMessage } from './talk.ts'

/** Makes a room now and then, and says something in it. */
export async function foundRooms(load: Load, person: Person, dice: Dice): Promise<void> {
  const caller = new Caller(load.baseUrl, person.token)
  for (let n = 1; !load.over; n++) {
    const founding: Founding = { name: `${person.userId}-${n}`, attempts: 0, roomId: undefined }
    load.ledger.foundings.push(founding)
    const body = { preset: 'public_chat' as const, name: founding.name }
    const { answer, attempts } = await persist(load, caller, dice, { endpoint: createRoom, input: { body } })
    founding.attempts = attempts
    founding.roomId = answer?.room_id
    if (answer) await greet(load, caller, dice, person, answer.room_id)
    await pause(100 + dice.below(300))
  }
  caller.close()
}

async function greet(load: Load, caller: Caller, dice: Dice, { userId }: Person, roomId: string): Promise<void> {
  for (let n = 0; n < 3; n++) await sendMessage(load, caller, dice, { sender: userId, roomId, txnId: `greeting-${n}` })
}

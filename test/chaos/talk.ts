import { sendEvent } from '#spec/api/client/events.ts'
import type { RoomId } from '#spec/ids.ts'
import { Caller } from './caller.ts'
import type { Dice } from './dice.ts'
import type { Message } from './ledger.ts'
import { persist, type Load } from './persist.ts'
import type { Person } from './settle.ts'

/** Some clients are closed before they have an answer. */
const givesUp = 0.02
/** How often one asks for a message of long ago again. */
const doubts = 0.03

/** Sends one message after the other, each until it is acknowledged, and now and then asks for an old one again. */
export async function talk(
  load: Load,
  { person, name, rooms }: { person: Person; name: string; rooms: readonly RoomId[] },
  dice: Dice,
): Promise<void> {
  const caller = new Caller(load.baseUrl, person.token)
  const acknowledged: Message[] = []
  for (let n = 1; !load.over; n++) {
    if (acknowledged.length > 0 && dice.chance(doubts)) await askAgain(load, caller, dice, dice.pick(acknowledged))
    // The first rooms are the lively ones.
    const roomId = rooms[Math.floor(dice.next() ** 2 * rooms.length)]!
    const message = await sendMessage(load, caller, dice, { sender: person.userId, roomId, txnId: `${name}-${n}` })
    if (message.eventId !== undefined) acknowledged.push(message)
  }
  caller.close()
}

export async function sendMessage(
  load: Load,
  caller: Caller,
  dice: Dice,
  { sender, roomId, txnId }: { sender: string; roomId: string; txnId: string },
): Promise<Message> {
  const message = load.ledger.begin(sender, roomId, txnId)
  const { answer, askedAt } = await persist(load, caller, dice, { ...requestFor(message), givesUp })
  if (answer) load.ledger.acknowledge(message, answer.event_id, askedAt)
  return message
}

async function askAgain(load: Load, caller: Caller, dice: Dice, message: Message): Promise<void> {
  const { answer } = await persist(load, caller, dice, { ...requestFor(message), givesUp })
  if (!answer) return
  load.ledger.askedAgain++
  if (answer.event_id !== message.eventId) load.ledger.renamed.set(message, answer.event_id)
}

const requestFor = ({ roomId, txnId }: Message) => ({
  endpoint: sendEvent,
  input: {
    params: { roomId: roomId as RoomId, eventType: 'm.room.message', txnId },
    body: { msgtype: 'm.text', body: txnId },
  },
})

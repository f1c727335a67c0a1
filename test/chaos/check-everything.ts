import type { ClientEvent } from '#spec/api/client/client-event.ts'
import { CallError } from '#client-sdk/call.ts'
import type { Sql } from '#node/db/connect.ts'
import { checkMessages, cleanVerdict, type FoundMessage, type Verdict } from './check-messages.ts'
import { checkRoom, nameOf, type KeptRoom } from './check-room.ts'
import type { Founding, Ledger, Visits } from './ledger.ts'
import { checkLog, readRoom, readRoomIds, readTransactions } from './read-database.ts'
import { readTimeline } from './read-timeline.ts'
import type { Person } from './settle.ts'

/**
 * Holds what the node has kept against what it has acknowledged:
 * 1. every room in the database is whole, and so is the log;
 * 2. a member who pages through a room sees just the events that the database holds;
 * 3. every acknowledged message is there once, under the id that was told, in the database, through the API, and among the transactions;
 * 4. so is every coming and going, and every room that was made.
 */
export async function checkEverything(
  sql: Sql,
  baseUrl: string,
  people: readonly Person[],
  ledger: Ledger,
): Promise<Verdict> {
  const verdict = cleanVerdict()
  const kept: FoundMessage[] = []
  const shown: FoundMessage[] = []
  const names: { roomId: string; name: string | undefined }[] = []
  for (const roomId of await readRoomIds(sql)) {
    const room = await readRoom(sql, roomId)
    verdict.broken.push(...checkRoom(room), ...checkVisits(room, ledger.visits))
    const timeline = await readAsMember(baseUrl, people, room, verdict)
    if (timeline.map((event) => event.event_id).join() !== room.events.map(({ event }) => event.event_id).join())
      verdict.broken.push(`${roomId}: what /messages shows is not what the database holds`)
    kept.push(
      ...messagesAmong(
        roomId,
        room.events.map(({ event }) => event),
      ),
    )
    shown.push(...messagesAmong(roomId, timeline))
    names.push({ roomId, name: nameOf(room) })
  }
  const transactions = await readTransactions(sql)
  checkMessages('in the database', ledger.messages, kept, verdict)
  checkMessages('through /messages', ledger.messages, shown, verdict)
  checkMessages('among the transactions', ledger.messages, transactions, verdict)
  verdict.broken.push(...(await checkLog(sql)), ...checkTransactions(kept, transactions))
  verdict.broken.push(...ledger.foundings.flatMap((founding) => checkFounding(founding, names)))
  for (const message of ledger.renamed.keys()) verdict.renamed.add(message)
  return verdict
}

/** Whoever made the room is in it. */
async function readAsMember(
  baseUrl: string,
  people: readonly Person[],
  { roomId, events }: KeptRoom,
  verdict: Verdict,
): Promise<ClientEvent[]> {
  const member = people.find(({ userId }) => userId === events[0]?.event.sender)
  if (!member) return []
  try {
    return await readTimeline(baseUrl, member.token, roomId as ClientEvent['room_id'] & string)
  } catch (error) {
    if (!(error instanceof CallError)) throw error
    verdict.broken.push(`${roomId}: /messages fails: ${error.status} ${error.message}`)
    return []
  }
}

interface Said {
  readonly type: string
  readonly event_id: string
  readonly sender: string
  readonly content: { readonly [key: string]: unknown }
}

const messagesAmong = (roomId: string, events: readonly Said[]): FoundMessage[] =>
  events
    .filter((event) => event.type === 'm.room.message')
    .map(({ event_id, sender, content }) => ({ sender, roomId, txnId: String(content['body']), eventId: event_id }))

/** Each message is the event that its transaction names, also those that were never acknowledged. */
function checkTransactions(kept: readonly FoundMessage[], transactions: readonly FoundMessage[]): string[] {
  const named = new Set(transactions.map(({ eventId }) => eventId))
  const complaints = kept
    .filter(({ eventId }) => !named.delete(eventId))
    .map(({ eventId, txnId }) => `${eventId} (${txnId}) is in no transaction`)
  return [...complaints, ...[...named].map((eventId) => `a transaction names ${eventId}, which there is not`)]
}

/** They alternate, starting with a coming, and there are as many as were acknowledged; one more where the last is in doubt. */
function checkVisits(room: KeptRoom, visits: readonly Visits[]): string[] {
  return visits
    .filter(({ roomId }) => roomId === room.roomId)
    .flatMap(({ userId, acknowledged, inDoubt }) => {
      const found = room.events
        .filter(({ event }) => event.type === 'm.room.member' && event.state_key === userId)
        .map(({ event }) => String(event.content['membership']))
      const expected = found.map((_, index) => (index % 2 === 0 ? 'join' : 'leave'))
      const isRightCount = found.length === acknowledged || (inDoubt && found.length === acknowledged + 1)
      if (isRightCount && found.join() === expected.join()) return []
      return [
        `${room.roomId}: ${acknowledged} comings and goings of ${userId} were acknowledged, and these are kept: ${found.join()}`,
      ]
    })
}

function checkFounding(
  { name, attempts, roomId }: Founding,
  rooms: readonly { roomId: string; name: string | undefined }[],
): string[] {
  const made = rooms.filter((room) => room.name === name)
  const complaints = []
  if (roomId !== undefined && !made.some((room) => room.roomId === roomId))
    complaints.push(`${roomId}: this room was acknowledged and is not there`)
  if (made.length > attempts) complaints.push(`${made.length} rooms were made in ${attempts} attempts: ${name}`)
  return complaints
}

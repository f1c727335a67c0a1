import 'fake-indexeddb/auto'
import { describe, expect, test } from 'vitest'
import type { SyncEvent } from '#spec/api/client/client-event.ts'
import type { DeviceId, EventId, RoomId, UserId } from '#spec/ids.ts'
import { newRoomRow } from '../room-row.ts'
import { indexedDbStore } from './indexed-db-store.ts'
import { memoryStore } from './memory-store.ts'
import { StoreConflict, type Changes, type EventRow, type GapRow, type OutboxRow, type Store } from './store.ts'

const room = '!kitchen:test' as RoomId
const other = '!garden:test' as RoomId
const ada = '@ada:test' as UserId
const bob = '@bob:test' as UserId
const session = { userId: ada, deviceId: 'PHONE' as DeviceId, accessToken: 'secret' }

const event = (ordinal: number, roomId: RoomId = room): EventRow => {
  const eventId = `$event${ordinal}` as EventId
  const body: SyncEvent = {
    event_id: eventId,
    type: 'm.room.message',
    sender: ada,
    origin_server_ts: ordinal,
    content: { body: `${ordinal}` },
  }
  return { roomId, ordinal, eventId, event: body }
}
const gap = (ordinal: number, token: string): GapRow => ({ roomId: room, ordinal, gap: token })
const waiting = (txnId: string, seq: number, roomId: RoomId = room): OutboxRow => ({
  txnId,
  roomId,
  seq,
  deviceId: session.deviceId,
  type: 'm.room.message',
  content: { body: txnId },
  createdAt: seq,
  status: 'queued',
})

let databases = 0
const kinds: [string, () => Store][] = [
  ['memory', memoryStore],
  ['IndexedDB', () => indexedDbStore(`contract-${++databases}`)],
]

describe.each(kinds)('%s store', (_, make) => {
  const written = async (changes: Changes): Promise<Store> => {
    const store = make()
    await store.write(changes)
    return store
  }

  test('an empty store has nothing', async () => {
    const store = make()
    expect(await store.load()).toMatchObject({
      session: undefined,
      token: undefined,
      rooms: [],
      accountData: [],
      outbox: [],
    })
    expect(await store.timelineBefore(room, Infinity, 10)).toEqual([])
    expect(await store.timelineAfter(room, -Infinity, 10)).toEqual([])
    expect(await store.roomDetails(room)).toEqual({ state: [], members: [], receipts: [] })
    expect(await store.eventRows(room, ['$none' as EventId])).toEqual([])
    expect(await store.draft(room)).toBe('')
  })

  test('what was written is loaded, the queue in its order', async () => {
    const row = { ...newRoomRow(room), name: 'Kitchen' }
    const data = { roomId: '' as const, type: 'm.direct', content: { [bob]: [room] } }
    const store = await written({
      session,
      token: 's1',
      rooms: [row],
      accountData: [data],
      outbox: [waiting('b', 2), waiting('a', 1)],
    })
    expect(await store.load()).toEqual({
      version: 1,
      session,
      token: 's1',
      rooms: [row],
      accountData: [data],
      outbox: [waiting('a', 1), waiting('b', 2)],
    })
  })

  test('null takes away session and token, undefined leaves them', async () => {
    const store = await written({ session, token: 's1' })
    await store.write({ rooms: [newRoomRow(room)] })
    expect(await store.load()).toMatchObject({ session, token: 's1' })
    await store.write({ session: null, token: null })
    expect(await store.load()).toMatchObject({ session: undefined, token: undefined })
  })

  test('timeline rows are read in ranges, lowest first', async () => {
    const rows = [5, 1, 3, 2, 4].map((ordinal) => event(ordinal))
    const store = await written({ timeline: [...rows, event(1, other)] })
    const ordinals = (found: readonly { ordinal: number }[]): number[] => found.map((row) => row.ordinal)
    expect(ordinals(await store.timelineBefore(room, Infinity, 2))).toEqual([4, 5])
    expect(ordinals(await store.timelineBefore(room, 4, 2))).toEqual([2, 3])
    expect(ordinals(await store.timelineBefore(room, 3, 10))).toEqual([1, 2])
    expect(ordinals(await store.timelineBefore(room, 1, 10))).toEqual([])
    expect(ordinals(await store.timelineAfter(room, 3, 10))).toEqual([4, 5])
    expect(ordinals(await store.timelineAfter(room, -Infinity, 2))).toEqual([1, 2])
    expect(ordinals(await store.timelineAfter(room, 2.5, 1))).toEqual([3])
    expect(await store.timelineBefore(room, 2, 1)).toEqual([event(1)])
  })

  test('ordinals below zero have their place', async () => {
    const store = await written({ timeline: [event(-2), event(1), event(-1)] })
    expect((await store.timelineBefore(room, Infinity, 10)).map((row) => row.ordinal)).toEqual([-2, -1, 1])
  })

  test('events are found by id, in their room only; gaps are no events', async () => {
    const store = await written({ timeline: [event(1), event(2), gap(3, 't')] })
    const found = await store.eventRows(room, ['$event2', '$none', '$event1'] as EventId[])
    expect(found.map((row) => row.eventId).sort()).toEqual(['$event1', '$event2'])
    expect(await store.eventRows(other, ['$event1' as EventId])).toEqual([])
  })

  test('a row that takes the place of another is found by its own id only', async () => {
    const store = await written({ timeline: [event(1)] })
    await store.write({ timeline: [{ ...event(9), ordinal: 1 }] })
    expect(await store.eventRows(room, ['$event1' as EventId])).toEqual([])
    expect(await store.eventRows(room, ['$event9' as EventId])).toHaveLength(1)
    expect(await store.timelineBefore(room, Infinity, 10)).toHaveLength(1)
  })

  test('an event may move: removed in one place and put in another by one write', async () => {
    const store = await written({ timeline: [event(1)] })
    await store.write({ removedTimeline: [{ roomId: room, ordinal: 1 }], timeline: [{ ...event(1), ordinal: 7 }] })
    expect(await store.eventRows(room, ['$event1' as EventId])).toEqual([{ ...event(1), ordinal: 7 }])
  })

  test('state, members and receipts are kept by room; a reset forgets them and nothing else', async () => {
    const state = { roomId: room, type: 'm.room.topic', stateKey: '', sender: ada, content: { topic: 'soup' } }
    const member = { roomId: room, userId: bob, membership: 'join' as const, displayName: 'Bob' }
    const receipt = { roomId: room, userId: bob, eventId: '$event1' as EventId, ts: 1 }
    const elsewhere = { ...member, roomId: other }
    const store = await written({
      state: [state],
      members: [member, elsewhere],
      receipts: [receipt],
      timeline: [event(1)],
    })
    expect(await store.roomDetails(room)).toEqual({ state: [state], members: [member], receipts: [receipt] })
    expect(await store.members(room, [bob, ada])).toEqual([member])
    expect(await store.stateRow(room, 'm.room.topic', '')).toEqual(state)
    expect(await store.stateRow(room, 'm.room.topic', 'x')).toBeUndefined()

    await store.write({ resetRooms: [room], members: [{ ...member, displayName: 'Robert' }] })
    expect(await store.roomDetails(room)).toEqual({
      state: [],
      members: [{ ...member, displayName: 'Robert' }],
      receipts: [],
    })
    expect(await store.members(other, [bob])).toEqual([elsewhere])
    expect(await store.timelineBefore(room, Infinity, 10)).toHaveLength(1)
  })

  test('of a dropped room nothing stays, of the others everything', async () => {
    const store = await written({
      rooms: [newRoomRow(room), newRoomRow(other)],
      timeline: [event(1), event(1, other)],
      accountData: [
        { roomId: room, type: 'm.tag', content: {} },
        { roomId: '', type: 'm.direct', content: {} },
      ],
      outbox: [waiting('a', 1), waiting('b', 2, other)],
      drafts: [{ roomId: room, text: 'half a' }],
    })
    await store.write({ droppedRooms: [room] })
    const { rooms, accountData, outbox } = await store.load()
    expect(rooms).toEqual([newRoomRow(other)])
    expect(accountData).toEqual([{ roomId: '', type: 'm.direct', content: {} }])
    expect(outbox).toEqual([waiting('b', 2, other)])
    expect(await store.timelineBefore(room, Infinity, 10)).toEqual([])
    expect(await store.eventRows(room, ['$event1' as EventId])).toEqual([])
    expect(await store.timelineBefore(other, Infinity, 10)).toHaveLength(1)
    expect(await store.draft(room)).toBe('')
  })

  test('a draft is one per room', async () => {
    const store = await written({ drafts: [{ roomId: room, text: 'one' }] })
    await store.write({ drafts: [{ roomId: room, text: 'two' }] })
    expect(await store.draft(room)).toBe('two')
    expect(await store.draft(other)).toBe('')
  })

  test('every write counts; one that expects another count writes nothing', async () => {
    const store = make()
    expect((await store.load()).version).toBe(0)
    await store.write({ token: 's1' }, 0)
    await store.write({ token: 's2' })
    expect((await store.load()).version).toBe(2)
    const late: Changes = { token: 's9', droppedRooms: [room], timeline: [event(1)] }
    for (const version of [0, 1, 3]) await expect(store.write(late, version)).rejects.toBeInstanceOf(StoreConflict)
    expect(await store.load()).toMatchObject({ version: 2, token: 's2' })
    expect(await store.timelineBefore(room, Infinity, 10)).toEqual([])
    await store.write({ token: 's3' }, 2)
    expect(await store.load()).toMatchObject({ version: 3, token: 's3' })
  })

  test('items leave the queue', async () => {
    const store = await written({ outbox: [waiting('a', 1), waiting('b', 2)] })
    await store.write({ removedOutbox: ['a'] })
    expect((await store.load()).outbox).toEqual([waiting('b', 2)])
  })

  test('clear forgets everything', async () => {
    const store = await written({ session, token: 's1', rooms: [newRoomRow(room)], timeline: [event(1)] })
    await store.clear()
    expect(await store.load()).toMatchObject({
      version: 2,
      session: undefined,
      token: undefined,
      rooms: [],
      accountData: [],
      outbox: [],
    })
    expect(await store.timelineBefore(room, Infinity, 10)).toEqual([])
  })
})

test('an IndexedDB store is there again after it was closed, and opened by somebody else', async () => {
  const store = indexedDbStore('again')
  await store.write({ session, timeline: [event(1)] })
  await store.close()
  expect((await store.load()).session).toEqual(session)
  expect(await indexedDbStore('again').timelineBefore(room, Infinity, 10)).toEqual([event(1)])
})

test('a value that cannot be stored stops the whole write', async () => {
  const store = indexedDbStore('unstorable')
  const bad = { ...event(2), event: { ...event(2).event, content: { f: () => 1 } as never } }
  await expect(store.write({ token: 's1', timeline: [event(1), bad] })).rejects.toThrow()
  expect((await store.load()).token).toBeUndefined()
  expect(await store.timelineBefore(room, Infinity, 10)).toEqual([])
})

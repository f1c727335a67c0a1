import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RoomId } from '#spec/ids.ts'
import { addCaller, serveRooms } from '#node/rooms/testing/caller.ts'
import type { ServedSlices } from '../serve-slices.ts'
import { checkRoom, type KeptRoom } from './check-room.ts'
import { readRoom } from './read-database.ts'

let node: ServedSlices
let room: KeptRoom
beforeAll(async () => {
  node = await serveRooms()
  const [anna, ben] = [await addCaller(node, 'anna'), await addCaller(node, 'ben')]
  const roomId = await anna.createRoom({ preset: 'public_chat', name: 'Kitchen' })
  await ben.join(roomId)
  await ben.say(roomId, 'Hello')
  await anna.setState(roomId, 'm.room.topic', { topic: 'Soup' })
  await ben.leave(roomId)
  await anna.say(roomId, 'Bye')
  room = await readRoom(node.database.sql, roomId as RoomId)
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

test('a room that was made in peace is whole', () => {
  expect(room.events.length).toBeGreaterThan(10)
  expect(checkRoom(room)).toEqual([])
})

const without = <T>(list: readonly T[], index: number): T[] => list.toSpliced(index, 1)

/** One thing each that a crash could leave behind. */
const faults: Readonly<Record<string, (room: KeptRoom) => KeptRoom>> = {
  'a message is missing in the middle': (r) => ({ ...r, events: without(r.events, r.events.length - 4) }),
  'the last message is missing': (r) => ({ ...r, events: r.events.slice(0, -1) }),
  'two events changed places': (r) => ({
    ...r,
    events: [...r.events.slice(0, -2), r.events.at(-1)!, r.events.at(-2)!],
  }),
  'an event is not what was signed': (r) => ({
    ...r,
    events: r.events.with(-1, {
      ...r.events.at(-1)!,
      event: { ...r.events.at(-1)!.event, origin_server_ts: 1 },
    }),
  }),
  'the head is an older event': (r) => ({ ...r, heads: JSON.stringify([[r.events.at(-2)!.event.event_id, 1]]) }),
  'the room stands at an older layer': (r) => ({ ...r, stateLayer: r.events.at(-2)!.stateBefore }),
  'a state layer is missing': (r) => ({ ...r, layers: r.layers.filter(({ layer }) => layer !== r.stateLayer) }),
  'the current state lacks a piece': (r) => ({ ...r, currentState: without(r.currentState, 0) }),
  'a change of state is missing': (r) => ({ ...r, stateChanges: without(r.stateChanges, 0) }),
  'a member is still there': (r) => ({ ...r, members: r.members.map((m) => ({ ...m, membership: 'join' })) }),
  'a member is missing': (r) => ({ ...r, members: without(r.members, 0) }),
  'it was only half made': (r) => ({ ...r, events: r.events.filter(({ event }) => event.type !== 'm.room.name') }),
}

test.each(Object.keys(faults))('the check sees that %s', (fault) => {
  expect(checkRoom(faults[fault]!(room))).not.toEqual([])
})

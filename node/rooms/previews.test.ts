import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { setRoomAccountData } from '#spec/api/client/account-data.ts'
import { getEventByTimestamp } from '#spec/api/client/events.ts'
import { getRoomEvents, getRoomInitialSync } from '#spec/api/client/room-previews.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { addCaller, ok, refusal, serveRooms, type Caller } from './testing/caller.ts'

let node: ServedSlices
let owner: Caller
let mert: Caller
let stranger: Caller
beforeAll(async () => {
  node = await serveRooms()
  owner = await addCaller(node, 'owner')
  mert = await addCaller(node, 'mert')
  stranger = await addCaller(node, 'stranger')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const readable = [{ type: 'm.room.history_visibility', content: { history_visibility: 'world_readable' } }]
const openRoom = (more: object = {}) => owner.createRoom({ preset: 'public_chat', initial_state: readable, ...more })
const look = (who: Caller, roomId: string) => who.call(getRoomInitialSync, { params: { roomId } })
const listen = (who: Caller, room_id: string, query: Record<string, string> = {}) =>
  who.call(getRoomEvents, { query: { room_id, ...query } })
const nearest = (who: Caller, roomId: string, ts: number, dir: string) =>
  who.call(getEventByTimestamp, { params: { roomId }, query: { ts: String(ts), dir } })

describe('a look into a room', () => {
  test('of the world shows state and the newest messages, oldest first', async () => {
    const roomId = await openRoom({ visibility: 'public', name: 'Square' })
    const said: string[] = []
    for (let i = 0; i < 25; i++) said.push(await owner.say(roomId, `Message ${i}`))
    const answer = ok(await look(stranger, roomId))
    expect(answer).toMatchObject({ room_id: roomId, visibility: 'public', account_data: [] })
    expect(answer).not.toHaveProperty('membership')
    expect(answer.messages!.chunk.map((event) => event.event_id)).toEqual(said.slice(-20))
    expect(answer.state!.find((event) => event.type === 'm.room.name')!.content).toEqual({ name: 'Square' })
    const earlier = ok(await stranger.messages(roomId, { from: answer.messages!.start!, limit: '3' }))
    expect(earlier.chunk!.map((event) => event.event_id)).toEqual(said.slice(2, 5).toReversed())
    const later = ok(await stranger.messages(roomId, { from: answer.messages!.end, dir: 'f' }))
    expect(later.chunk).toEqual([])
  })

  test('is for members too, with what they keep for the room; as of their leaving for those who left', async () => {
    const roomId = await owner.createRoom({ preset: 'public_chat' })
    ok(await mert.join(roomId))
    ok(await mert.call(setRoomAccountData, { params: { userId: mert.id, roomId, type: 'a.b' }, body: { c: 1 } }))
    expect(ok(await look(mert, roomId))).toMatchObject({
      membership: 'join',
      account_data: [{ type: 'a.b', content: { c: 1 } }],
    })
    ok(await mert.leave(roomId))
    const late = await owner.say(roomId, 'Now that he is gone')
    ok(await owner.setState(roomId, 'm.room.name', { name: 'Ours' }))
    const answer = ok(await look(mert, roomId))
    expect(answer.membership).toBe('leave')
    expect(JSON.stringify(answer)).not.toContain(late)
    expect(JSON.stringify(answer)).not.toContain('Ours')
  })

  test('is refused where the world may not read', async () => {
    const roomId = await owner.createRoom({ preset: 'public_chat' })
    const answers = [await look(stranger, roomId), await look(stranger, '!nothing:localhost')]
    expect(answers.map(refusal)).toEqual(['403 M_FORBIDDEN', '403 M_FORBIDDEN'])
    expect(answers[0]!.body).toEqual(answers[1]!.body)
  })
})

describe('listening to a room', () => {
  test('waits for what is said, and goes on from there', async () => {
    const roomId = await openRoom()
    const { end } = ok(await look(stranger, roomId)).messages!
    const waiting = listen(stranger, roomId, { from: end, timeout: '30000' })
    const said = await owner.say(roomId, 'Hello, world')
    const first = ok(await waiting)
    expect(first.chunk!.map((event) => event.event_id)).toEqual([said])
    expect(first.start).toBe(end)
    const nothing = ok(await listen(stranger, roomId, { from: first.end!, timeout: '0' }))
    expect(nothing.chunk).toEqual([])
    const [one, two] = [await owner.say(roomId, '1'), await owner.say(roomId, '2')]
    const second = ok(await listen(stranger, roomId, { from: nothing.end!, timeout: '0' }))
    expect(second.chunk!.map((event) => event.event_id)).toEqual([one, two])
  })

  test('without a token begins now', async () => {
    const roomId = await openRoom()
    await owner.say(roomId, 'Before')
    expect(ok(await listen(stranger, roomId, { timeout: '0' })).chunk).toEqual([])
  })

  test('ends with nothing when the time is over', async () => {
    const roomId = await openRoom()
    const waiting = listen(stranger, roomId, { timeout: '20000' })
    await waitUntilSomebodyWaits()
    node.clock.advance(20_000)
    expect(ok(await waiting).chunk).toEqual([])
  })

  test('ends with a refusal when the room closes', async () => {
    const roomId = await openRoom()
    const waiting = listen(stranger, roomId, { timeout: '30000' })
    await waitUntilSomebodyWaits()
    ok(await owner.setState(roomId, 'm.room.history_visibility', { history_visibility: 'joined' }))
    expect(refusal(await waiting)).toBe('403 M_FORBIDDEN')
    await owner.say(roomId, 'Among us')
    expect(refusal(await listen(stranger, roomId, { from: 't0', timeout: '0' }))).toBe('403 M_FORBIDDEN')
  })

  test('shows only what was said while the world could read', async () => {
    const roomId = await owner.createRoom({ preset: 'public_chat' })
    const hidden = await owner.say(roomId, 'Between us')
    ok(await owner.setState(roomId, 'm.room.history_visibility', { history_visibility: 'world_readable' }))
    const shown = await owner.say(roomId, 'For all')
    const ids = ok(await listen(stranger, roomId, { from: 't0', timeout: '0' })).chunk!.map((event) => event.event_id)
    expect(ids).toContain(shown)
    expect(ids).not.toContain(hidden)
  })

  test('is refused to those outside of a closed room, and for tokens of others', async () => {
    const roomId = await owner.createRoom({ preset: 'public_chat' })
    ok(await mert.join(roomId))
    ok(await mert.leave(roomId))
    for (const who of [stranger, mert])
      expect(refusal(await listen(who, roomId, { timeout: '0' }))).toBe('403 M_FORBIDDEN')
    expect(refusal(await listen(owner, roomId, { from: 'x' }))).toBe('400 M_INVALID_PARAM')
    expect(refusal(await owner.call(getRoomEvents, { query: {} }))).toBe('400 M_MISSING_PARAM')
  })

  test('ends when the node stops', async () => {
    const other = await serveRooms()
    const host = await addCaller(other, 'host')
    const roomId = await host.createRoom()
    const waiting = host.call(getRoomEvents, { query: { room_id: roomId, timeout: '30000' } })
    await host.joinedRooms()
    await other.stop()
    expect(ok(await waiting).chunk).toEqual([])
    await other.database.drop()
  })
})

/** A request that was sent before others is read before their answers come back. */
async function waitUntilSomebodyWaits(): Promise<void> {
  for (let i = 0; i < 5; i++) await stranger.joinedRooms()
}

describe('the event nearest to a moment', () => {
  test('is found in both directions', async () => {
    const roomId = await owner.createRoom()
    const at: { id: string; ts: number }[] = []
    for (let i = 0; i < 4; i++) {
      node.clock.advance(1_000)
      const id = await owner.say(roomId, `Message ${i}`)
      at.push({ id, ts: ok(await owner.event(roomId, id)).origin_server_ts! })
    }
    const [first, second, third, fourth] = at
    const found = async (ts: number, dir: string) => ok(await nearest(owner, roomId, ts, dir))
    expect(await found(second!.ts, 'f')).toEqual({ event_id: second!.id, origin_server_ts: second!.ts })
    expect((await found(second!.ts, 'b')).event_id).toBe(second!.id)
    expect((await found(second!.ts + 1, 'f')).event_id).toBe(third!.id)
    expect((await found(second!.ts - 1, 'b')).event_id).toBe(first!.id)
    expect((await found(fourth!.ts + 1e6, 'b')).event_id).toBe(fourth!.id)
    const create = ok(await owner.piece(roomId, 'm.room.create', '', { format: 'event' }))
    expect((await found(0, 'f')).event_id).toBe(create['event_id'])
    for (const [ts, dir] of [
      [fourth!.ts + 1, 'f'],
      [0, 'b'],
    ] as const)
      expect(refusal(await nearest(owner, roomId, ts, dir))).toBe('404 M_NOT_FOUND')
  })

  test('is one that the reader may see, over a thousand that they may not', async () => {
    const roomId = await owner.createRoom({
      preset: 'public_chat',
      initial_state: [{ type: 'm.room.history_visibility', content: { history_visibility: 'joined' } }],
    })
    node.clock.advance(1_000)
    const from = node.clock.now()
    const hidden = await Promise.all(Array.from({ length: 1_000 }, (_, i) => owner.say(roomId, `Hidden ${i}`)))
    ok(await mert.join(roomId))
    const own = ok(await mert.piece(roomId, 'm.room.member', mert.id, { format: 'event' }))
    expect(ok(await nearest(mert, roomId, from, 'f')).event_id).toBe(own['event_id'])
    const seen = (await mert.history(roomId)).map((event) => event.event_id)
    expect(seen.at(-1)).toBe(own['event_id'])
    expect(seen.filter((id) => hidden.includes(id))).toEqual([])
    expect(refusal(await nearest(stranger, roomId, 0, 'f'))).toBe('403 M_FORBIDDEN')
  })

  test.each([{ ts: '-1' }, { ts: 'x' }, { dir: 'x' }])('%j is refused', async (query) => {
    const roomId = await owner.createRoom()
    const call = owner.call(getEventByTimestamp, {
      params: { roomId },
      query: { ts: '0', dir: 'f', ...query } as never,
    })
    expect(refusal(await call)).toBe('400 M_INVALID_PARAM')
  })
})

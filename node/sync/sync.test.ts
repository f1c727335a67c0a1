import { afterAll, beforeAll, expect, test } from 'vitest'
import { sync } from '#spec/api/client/sync.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { addDevice, addTalker, bodies, joined, noKeys, serveTalk, stateKeys, type Talker } from './testing/talk.ts'

let node: ServedSlices
let ali: Talker
let bea: Talker

beforeAll(async () => {
  node = await serveTalk()
  ali = await addTalker(node, 'ali')
  bea = await addTalker(node, 'bea')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

/** A room with ali and bea in it. */
async function roomOfTwo(body: object = {}): Promise<string> {
  const roomId = await ali.createRoom({ preset: 'private_chat', invite: [bea.id], ...body })
  await bea.join(roomId)
  return roomId
}

test('the first answer has everything, the next ones only what is new', async () => {
  const roomId = await roomOfTwo({ name: 'Home' })
  await ali.send(roomId, 'one')
  const first = await bea.sync()
  const room = joined(first, roomId)!
  expect(room.timeline).toMatchObject({ limited: false })
  expect(bodies(room)).toEqual(['one'])
  expect(room.timeline?.events.map((event) => event.type)[0]).toBe('m.room.create')
  expect(room.state).toBeUndefined()
  expect(room.summary).toEqual({ 'm.joined_member_count': 2, 'm.invited_member_count': 0 })

  const nothing = await bea.sync({ since: first.next_batch })
  expect(nothing).toEqual({ next_batch: first.next_batch, ...noKeys })

  await ali.send(roomId, 'two')
  const next = await bea.sync({ since: first.next_batch })
  expect(Object.keys(next.rooms?.join ?? {})).toEqual([roomId])
  expect(bodies(joined(next, roomId))).toEqual(['two'])
  expect(joined(next, roomId)?.summary).toBeUndefined()
  expect(joined(next, roomId)?.timeline?.events[0]).not.toHaveProperty('room_id')
})

test('a limited timeline: state up to its start, its past by /messages, without overlap or gap', async () => {
  const roomId = await roomOfTwo()
  const { next_batch: since } = await bea.sync()
  const sent: string[] = []
  for (let i = 0; i < 6; i++) {
    sent.push(await ali.setState(roomId, 'm.room.topic', { topic: `topic ${i}` }))
    sent.push(await ali.send(roomId, `text ${i}`))
  }
  const filter = { room: { timeline: { limit: 3 } } }
  const room = joined(await bea.sync({ since, filter }), roomId)!
  expect(room.timeline?.limited).toBe(true)
  expect(room.timeline?.events.map((event) => event.event_id)).toEqual(sent.slice(-3))
  // The topic before the first event of the timeline, which is a text; the topic inside the timeline is not repeated.
  expect(room.state?.events?.map((event) => event.content)).toEqual([{ topic: 'topic 4' }])

  const earlier = await bea.messages(roomId, { dir: 'b', from: room.timeline!.prev_batch!, to: since, limit: '50' })
  expect(earlier.chunk?.map((event) => event.event_id)).toEqual(sent.slice(0, -3).toReversed())
  const later = await bea.messages(roomId, { dir: 'f', from: room.timeline!.prev_batch!, limit: '50' })
  expect(later.chunk?.map((event) => event.event_id)).toEqual(sent.slice(-3))
})

test('state at the end of the timeline, where it was asked for, under both names', async () => {
  const roomId = await roomOfTwo()
  const { next_batch: since } = await bea.sync()
  for (let i = 0; i < 4; i++) await ali.setState(roomId, 'm.room.topic', { topic: `topic ${i}` })
  await ali.send(roomId, 'last')
  const filter = { room: { timeline: { limit: 2 } } }
  const after = { content: { topic: 'topic 3' } }
  const stable = joined(await bea.sync({ since, filter, use_state_after: true }), roomId)!
  expect(stable.state_after).toMatchObject({ events: [after] })
  expect(stable).not.toHaveProperty('state')
  const unstable = joined(await bea.sync({ since, filter, 'org.matrix.msc4222.use_state_after': true }), roomId)!
  expect(unstable['org.matrix.msc4222.state_after']).toMatchObject({ events: [after] })
  expect(Object.keys(unstable)).not.toContain('state_after')

  await ali.send(roomId, 'no state')
  const quiet = await bea.sync({ since: (await bea.sync()).next_batch, use_state_after: true })
  expect(quiet.rooms).toBeUndefined()
  const { next_batch } = await bea.sync()
  await ali.send(roomId, 'still none')
  expect(joined(await bea.sync({ since: next_batch, use_state_after: true }), roomId)?.state_after).toEqual({
    events: [],
  })
})

test('full_state repeats the state and goes on with the timeline', async () => {
  const roomId = await roomOfTwo({ name: 'Home' })
  const { next_batch: since } = await bea.sync()
  await ali.send(roomId, 'new')
  const room = joined(await bea.sync({ since, full_state: true }), roomId)!
  expect(bodies(room)).toEqual(['new'])
  expect(stateKeys(room.state?.events)).toEqual(
    expect.arrayContaining(['m.room.create', 'm.room.name', `m.room.member|${ali.id}`, `m.room.member|${bea.id}`]),
  )
  expect(room.summary).toMatchObject({ 'm.joined_member_count': 2 })
})

test('what the server adds to events', async () => {
  const roomId = await roomOfTwo({ topic: 'old' })
  const { next_batch: since } = await ali.sync()
  const tablet = await addDevice(node, 'ali')
  const sent = await ali.sendType(roomId, 'm.room.message', { body: 'mine' }, 'my txn')
  const topic = await ali.setState(roomId, 'm.room.topic', { topic: 'new' })
  const bad = await ali.send(roomId, 'regrettable')
  const redaction = await ali.redact(roomId, bad)

  const unsignedOf = async (who: Talker, eventId: string) =>
    joined(await who.sync({ since }), roomId)?.timeline?.events.find((event) => event.event_id === eventId)?.unsigned
  expect(await unsignedOf(ali, sent)).toMatchObject({ transaction_id: 'my txn', membership: 'join' })
  expect(await unsignedOf(tablet, sent)).not.toHaveProperty('transaction_id')
  expect(await unsignedOf(bea, sent)).not.toHaveProperty('transaction_id')
  expect(await unsignedOf(bea, topic)).toMatchObject({
    prev_content: { topic: 'old' },
    replaces_state: expect.any(String),
  })
  expect(await unsignedOf(bea, bad)).toMatchObject({
    redacted_because: { event_id: redaction, content: { redacts: bad } },
  })
  expect((await unsignedOf(bea, sent))!.age).toBeGreaterThanOrEqual(0)
})

test('account data, of the account and of rooms', async () => {
  const roomId = await roomOfTwo()
  const { next_batch: since } = await bea.sync()
  await bea.setData('org.example.colour', { colour: 'blue' })
  await bea.setRoomData(roomId, 'm.tag', { tags: { 'm.favourite': {} } })
  await bea.readMarkers(roomId, { 'm.fully_read': await ali.send(roomId, 'read this') })
  const answer = await bea.sync({ since })
  expect(answer.account_data?.events).toEqual([{ type: 'org.example.colour', content: { colour: 'blue' } }])
  expect(joined(answer, roomId)?.account_data?.events?.map((event) => event.type)).toEqual(['m.tag', 'm.fully_read'])
  expect((await ali.sync({ since })).account_data).toBeUndefined()
  const fresh = await bea.sync()
  expect(fresh.account_data?.events).toContainEqual({ type: 'org.example.colour', content: { colour: 'blue' } })
  expect(joined(fresh, roomId)?.account_data?.events).toHaveLength(2)
})

test('heroes stand for a room without a name', async () => {
  const others = await Promise.all([1, 2, 3, 4, 5, 6].map((i) => addTalker(node, `hero${i}`)))
  const roomId = await ali.createRoom({ preset: 'public_chat' })
  for (const other of others) await other.join(roomId)
  const summaryFor = async (who: Talker) => joined(await who.sync(), roomId)?.summary
  expect(await summaryFor(ali)).toEqual({
    'm.heroes': others.slice(0, 5).map((one) => one.id),
    'm.joined_member_count': 7,
    'm.invited_member_count': 0,
  })
  expect((await summaryFor(others[1]!))?.['m.heroes']).toEqual([ali.id, ...[0, 2, 3, 4].map((i) => others[i]!.id)])
  await ali.setState(roomId, 'm.room.name', { name: 'Heroes' })
  expect(await summaryFor(ali)).toEqual({ 'm.joined_member_count': 7, 'm.invited_member_count': 0 })

  const alone = await ali.createRoom({ preset: 'private_chat', invite: [bea.id] })
  await bea.leave(alone)
  expect(joined(await ali.sync(), alone)?.summary).toMatchObject({ 'm.heroes': [bea.id], 'm.joined_member_count': 1 })
})

test('messages of ignored people do not come, what they change does', async () => {
  const roomId = await ali.createRoom({ preset: 'public_chat', power_level_content_override: { state_default: 0 } })
  const can = await addTalker(node, 'can')
  await can.join(roomId)
  const { next_batch: since } = await ali.sync()
  await ali.setData('m.ignored_user_list', { ignored_users: { [can.id]: {} } })
  await can.send(roomId, 'rubbish')
  await can.setState(roomId, 'org.example.state', {})
  await can.createRoom({ preset: 'private_chat', invite: [ali.id] })
  const answer = await ali.sync({ since })
  expect(joined(answer, roomId)?.timeline?.events.map((event) => event.type)).toEqual(['org.example.state'])
  expect(answer.rooms?.invite).toBeUndefined()
  await ali.setData('m.ignored_user_list', { ignored_users: {} })
})

test('tokens that are none, filters that are none', async () => {
  const refused = async (query: Record<string, string>) => {
    const { status, body } = await ali.tryTo(sync, { query })
    return { status, errcode: (body as { errcode?: string }).errcode }
  }
  expect(await refused({ since: 'yesterday' })).toEqual({ status: 400, errcode: 'M_INVALID_PARAM' })
  expect(await refused({ since: 's999999999' })).toEqual({ status: 400, errcode: 'M_INVALID_PARAM' })
  expect(await refused({ filter: 'unknown' })).toEqual({ status: 404, errcode: 'M_NOT_FOUND' })
  expect(await refused({ filter: '{"room":' })).toMatchObject({ status: 400 })
  expect(await refused({ filter: '{"room":[]}' })).toMatchObject({ status: 400 })
  expect(await refused({ timeout: '-1' })).toMatchObject({ status: 400 })
  expect((await node.call(sync)).status).toBe(401)
})

test('people who were typing when the node stopped have stopped', async () => {
  const roomId = await roomOfTwo()
  await ali.type(roomId, true)
  const { next_batch: since } = await bea.sync()
  await node.stop()
  node = await serveTalk(node.database)
  ali.node = node
  bea.node = node
  await ali.send(roomId, 'here again')
  const room = joined(await bea.sync({ since }), roomId)
  expect(room?.ephemeral?.events).toEqual([{ type: 'm.typing', content: { user_ids: [] } }])
})

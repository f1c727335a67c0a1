import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { getStateEventTrailingSlash, sendEvent, sendStateEventTrailingSlash } from '#spec/api/client/events.ts'
import { checksums } from '#test/checksums.ts'
import type { Answer, ServedSlices } from '#test/serve-slices.ts'
import { lowerRoomLimits } from './room.ts'
import { addCaller, addDevice, ok, refusal, serveRooms, type Caller } from './testing/caller.ts'

let node: ServedSlices
let owner: Caller
let mert: Caller
let stranger: Caller
let roomId: string
beforeAll(async () => {
  node = await serveRooms()
  owner = await addCaller(node, 'owner')
  mert = await addCaller(node, 'mert')
  stranger = await addCaller(node, 'stranger')
})
beforeEach(async () => {
  roomId = await owner.createRoom({ preset: 'public_chat' })
  ok(await mert.join(roomId))
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

async function refuses(call: () => Promise<Answer>, expected: string): Promise<void> {
  const before = await checksums(node.database.sql)
  expect(refusal(await call())).toBe(expected)
  expect(await checksums(node.database.sql)).toEqual(before)
}

describe('messages', () => {
  test('a message is there, with all that was written, as soon as it is answered', async () => {
    const content = {
      msgtype: 'm.text',
      body: 'Merhaba 🌷',
      'org.example': { list: [1, null, { deep: true }], '': 'empty' },
    }
    const eventId = ok(await mert.send(roomId, 'm.room.message', content)).event_id!
    const event = ok(await owner.event(roomId, eventId))
    expect(event).toMatchObject({ type: 'm.room.message', sender: mert.id, room_id: roomId, content })
    expect(event).not.toHaveProperty('state_key')
    expect(Math.abs(node.clock.now() - event.origin_server_ts!)).toBeLessThan(60_000)
  })

  test('types of anybody are carried, whatever is in them', async () => {
    const type = 'org.example/ünlü type%2F?'
    const eventId = ok(await mert.send(roomId, type, { a: 1 })).event_id!
    expect(ok(await owner.event(roomId, eventId))).toMatchObject({ type, content: { a: 1 } })
  })

  test('power levels decide who may say what', async () => {
    const levels = ok(await owner.piece(roomId, 'm.room.power_levels'))
    const events = { ...(levels['events'] as object), 'org.example.loud': 50 }
    ok(await owner.setState(roomId, 'm.room.power_levels', { ...levels, events, users: { [mert.id]: 25 } }))
    await refuses(() => mert.send(roomId, 'org.example.loud', {}), '403 M_FORBIDDEN')
    ok(await owner.send(roomId, 'org.example.loud', {}))
    ok(await mert.send(roomId, 'm.room.message', {}))
    ok(await owner.setState(roomId, 'm.room.power_levels', { ...levels, events_default: 26, users: { [mert.id]: 25 } }))
    await refuses(() => mert.send(roomId, 'm.room.message', {}), '403 M_FORBIDDEN')
  })
})

describe('state', () => {
  const topic = (text: string) => ({ topic: text })

  test('is set and read with and without key, with and without the slash', async () => {
    const first = ok(await owner.setState(roomId, 'org.example.a', { n: 1 })).event_id
    const params = { roomId, eventType: 'org.example.a' }
    expect(ok(await mert.call(getStateEventTrailingSlash, { params }))).toEqual({ n: 1 })
    const second = ok(await owner.call(sendStateEventTrailingSlash, { params, body: { n: 2 } })).event_id
    ok(await owner.setState(roomId, 'org.example.a', { n: 3 }, 'key/with ü'))
    expect(ok(await mert.piece(roomId, 'org.example.a'))).toEqual({ n: 2 })
    expect(ok(await mert.piece(roomId, 'org.example.a', 'key/with ü'))).toEqual({ n: 3 })
    const whole = ok(await mert.piece(roomId, 'org.example.a', '', { format: 'event' }))
    expect(whole).toMatchObject({
      event_id: second,
      state_key: '',
      sender: owner.id,
      content: { n: 2 },
      room_id: roomId,
    })
    expect(ok(await mert.event(roomId, second!)).unsigned).toMatchObject({
      prev_content: { n: 1 },
      replaces_state: first,
    })
    expect(refusal(await mert.piece(roomId, 'org.example.a', 'other'))).toBe('404 M_NOT_FOUND')
    expect(refusal(await mert.piece(roomId, 'org.example.a', '', { format: 'xml' }))).toBe('400 M_INVALID_PARAM')
  })

  test('that says the same already stays, and answers with the event that said it', async () => {
    const first = ok(await owner.setState(roomId, 'm.room.topic', { topic: 'a', 'org.x': { b: 1, a: 2 } })).event_id
    const before = await checksums(node.database.sql)
    expect(ok(await owner.setState(roomId, 'm.room.topic', { 'org.x': { a: 2, b: 1 }, topic: 'a' })).event_id).toBe(
      first,
    )
    expect(await checksums(node.database.sql)).toEqual(before)
    const second = ok(await owner.setState(roomId, 'm.room.topic', topic('b'))).event_id
    const third = ok(await owner.setState(roomId, 'm.room.topic', { topic: 'a', 'org.x': { b: 1, a: 2 } })).event_id
    expect(new Set([first, second, third]).size).toBe(3)
  })

  test('that says the same by another person is another event', async () => {
    const levels = ok(await owner.piece(roomId, 'm.room.power_levels'))
    ok(await owner.setState(roomId, 'm.room.power_levels', { ...levels, users: { [mert.id]: 50 } }))
    const first = ok(await owner.setState(roomId, 'm.room.topic', topic('a'))).event_id
    const second = ok(await mert.setState(roomId, 'm.room.topic', topic('a'))).event_id
    expect(second).not.toBe(first)
  })

  test('whoever has left cannot say the same again', async () => {
    const levels = ok(await owner.piece(roomId, 'm.room.power_levels'))
    ok(await owner.setState(roomId, 'm.room.power_levels', { ...levels, users: { [mert.id]: 50 } }))
    ok(await mert.setState(roomId, 'm.room.topic', topic('a')))
    ok(await mert.leave(roomId))
    await refuses(() => mert.setState(roomId, 'm.room.topic', topic('a')), '403 M_FORBIDDEN')
  })

  test('set ten times at once is set once, and ten ways at once is set ten times', async () => {
    const same = await Promise.all(
      Array.from({ length: 10 }, () => owner.setState(roomId, 'm.room.topic', topic('same'))),
    )
    expect(new Set(same.map((answer) => ok(answer).event_id)).size).toBe(1)
    const many = await Promise.all(
      Array.from({ length: 10 }, (_, i) => owner.setState(roomId, 'm.room.topic', topic(`${i}`))),
    )
    expect(new Set(many.map((answer) => ok(answer).event_id)).size).toBe(10)
    const changes = (await owner.history(roomId)).filter((event) => event.type === 'm.room.topic')
    expect(changes).toHaveLength(11)
    expect(ok(await owner.piece(roomId, 'm.room.topic'))).toEqual(changes.at(-1)!.content)
  })

  test.each<[string, () => Promise<Answer>, string]>([
    ['a member without the power', () => mert.setState(roomId, 'm.room.name', { name: 'x' }), '403 M_FORBIDDEN'],
    [
      'the power levels, by a member',
      () => mert.setState(roomId, 'm.room.power_levels', { users: {} }),
      '403 M_FORBIDDEN',
    ],
    ['levels that are none', () => owner.setState(roomId, 'm.room.power_levels', { ban: '50' }), '403 M_FORBIDDEN'],
    ["a key that is another's id", () => owner.setState(roomId, 'org.example.mine', {}, mert.id), '403 M_FORBIDDEN'],
    ['a second create event', () => owner.setState(roomId, 'm.room.create', { room_version: '12' }), '403 M_FORBIDDEN'],
    [
      'a create event as a message',
      () => owner.send(roomId, 'm.room.create', { room_version: '12' }),
      '403 M_FORBIDDEN',
    ],
    [
      'a redaction as state',
      () => owner.setState(roomId, 'm.room.redaction', { redacts: '$x' }, 'k'),
      '400 M_BAD_JSON',
    ],
    ['a long key', () => owner.setState(roomId, 'org.example.a', {}, 'é'.repeat(128)), '413 M_TOO_LARGE'],
  ])('refused: %s', async (_, call, expected) => {
    await refuses(call, expected)
  })

  test('an alias must lead to the room, and be one', async () => {
    const name = `tower-${roomId.slice(1, 9).toLowerCase()}`
    const other = await owner.createRoom({ room_alias_name: name })
    const set = (content: object, room = other) => owner.setState(room, 'm.room.canonical_alias', content)
    for (const alias of ['tower', 5, { x: 1 }, '#', '#a b', ['#a:b']])
      await refuses(() => set({ alias }), '400 M_INVALID_PARAM')
    await refuses(() => set({ alt_aliases: 'no list' }), '400 M_INVALID_PARAM')
    for (const content of [
      { alias: '#nowhere:localhost' },
      { alt_aliases: [`#${name}:localhost`, '#a:elsewhere.example'] },
    ])
      await refuses(() => set(content), '400 M_BAD_ALIAS')
    await refuses(() => set({ alias: `#${name}:localhost` }, roomId), '400 M_BAD_ALIAS')
    ok(await set({ alt_aliases: [`#${name}:localhost`] }))
    ok(await set({ alias: null }))
    ok(await set({ alias: '' }))
    // What stands there already is nobody's fault now.
    await node.database.sql`delete from room_aliases where alias = ${`#${name}:localhost`}`
    await refuses(() => set({ alias: `#${name}:localhost` }), '400 M_BAD_ALIAS')
  })
})

describe('redactions', () => {
  test('one redacts what is one’s own', async () => {
    const eventId = await mert.say(roomId, 'oops')
    const redaction = ok(await mert.redact(roomId, eventId, { reason: 'typo' })).event_id!
    const redacted = ok(await owner.event(roomId, eventId))
    expect(redacted).toMatchObject({
      event_id: eventId,
      type: 'm.room.message',
      content: {},
      unsigned: {
        redacted_because: {
          event_id: redaction,
          sender: mert.id,
          redacts: eventId,
          content: { redacts: eventId, reason: 'typo' },
        },
      },
    })
    expect(JSON.stringify(await owner.history(roomId))).not.toContain('oops')
    const stored = await node.database.sql<{ text: string }[]>`
      select content || envelope as text from events where event_id = ${eventId}`
    expect(stored[0]!.text).not.toContain('oops')
  })

  test('twice is allowed, and the first counts', async () => {
    const eventId = await mert.say(roomId, 'oops')
    const first = ok(await mert.redact(roomId, eventId)).event_id
    ok(await mert.redact(roomId, eventId))
    expect(ok(await owner.event(roomId, eventId)).unsigned).toMatchObject({ redacted_because: { event_id: first } })
  })

  test.each(['10', '12'])(
    'in version %s a redaction can be sent like any event, and is judged alike',
    async (room_version) => {
      const room = await owner.createRoom({ room_version, preset: 'public_chat' })
      ok(await mert.join(room))
      const [mine, yours] = [await mert.say(room, 'mine'), await owner.say(room, 'yours')]
      const redaction = ok(await mert.send(room, 'm.room.redaction', { redacts: mine, reason: 'x' })).event_id!
      expect(ok(await owner.event(room, mine)).content).toEqual({})
      expect(ok(await owner.event(room, redaction))).toMatchObject({
        redacts: mine,
        content: { redacts: mine, reason: 'x' },
      })
      await refuses(() => mert.send(room, 'm.room.redaction', { redacts: yours }), '403 M_FORBIDDEN')
      for (const content of [{}, { redacts: 5 }, { redacts: 'x' }])
        await refuses(() => mert.send(room, 'm.room.redaction', content), '400 M_BAD_JSON')
    },
  )

  test('what others wrote takes the power to redact', async () => {
    const eventId = await owner.say(roomId, 'stays')
    await refuses(() => mert.redact(roomId, eventId), '403 M_FORBIDDEN')
    const levels = ok(await owner.piece(roomId, 'm.room.power_levels'))
    const set = (more: object) => owner.setState(roomId, 'm.room.power_levels', { ...levels, ...more })
    ok(await set({ users: { [mert.id]: 49 } }))
    await refuses(() => mert.redact(roomId, eventId), '403 M_FORBIDDEN')
    ok(await set({ users: { [mert.id]: 49 }, redact: 49 }))
    ok(await mert.redact(roomId, eventId))
    // One's own takes the power to send redactions at all.
    ok(await set({ events: { 'm.room.redaction': 10 } }))
    const own = await mert.say(roomId, 'stays too')
    await refuses(() => mert.redact(roomId, own), '403 M_FORBIDDEN')
  })

  test('a redaction that is not in the room, or not in one’s sight, is of nothing', async () => {
    const other = await owner.createRoom()
    const foreign = await owner.say(other, 'elsewhere')
    for (const target of [foreign, '$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', '$x'])
      await refuses(() => owner.redact(roomId, target), '404 M_NOT_FOUND')
    await refuses(() => owner.redact(roomId, 'x'), '400 M_INVALID_PARAM')
    expect(ok(await owner.event(other, foreign)).content).toMatchObject({ body: 'elsewhere' })
    ok(await mert.leave(roomId))
    const own = (await mert.history(roomId)).find((event) => event.sender === mert.id)!
    await refuses(() => mert.redact(roomId, own.event_id), '403 M_FORBIDDEN')
    await refuses(() => stranger.redact(roomId, own.event_id), '403 M_FORBIDDEN')
  })

  test('state keeps what the rules need, and says the rest no more', async () => {
    const name = ok(await owner.setState(roomId, 'm.room.name', { name: 'Bad name' })).event_id!
    ok(await owner.redact(roomId, name))
    expect(ok(await mert.piece(roomId, 'm.room.name'))).toEqual({})
    const joined = ok(await owner.piece(roomId, 'm.room.member', mert.id, { format: 'event' }))
    ok(await owner.redact(roomId, joined['event_id'] as string))
    expect(ok(await mert.piece(roomId, 'm.room.member', mert.id))).toEqual({ membership: 'join' })
    await mert.say(roomId, 'still here')
    const levels = ok(await owner.piece(roomId, 'm.room.power_levels', '', { format: 'event' }))
    ok(await owner.redact(roomId, levels['event_id'] as string))
    await refuses(() => mert.setState(roomId, 'm.room.name', { name: 'mine' }), '403 M_FORBIDDEN')
    // The same words again are a new event, for the old one says them no more.
    const again = ok(await owner.setState(roomId, 'm.room.name', { name: 'Bad name' })).event_id!
    expect(again).not.toBe(name)
    expect(ok(await mert.piece(roomId, 'm.room.name'))).toEqual({ name: 'Bad name' })
  })
})

describe('transaction ids', () => {
  const text = { msgtype: 'm.text', body: 'once' }
  const send = (who: Caller, txnId: string, body: object = text) => who.send(roomId, 'm.room.message', body, txnId)
  const idOf = async (answer: Promise<Answer<typeof sendEvent>>) => ok(await answer).event_id!

  test('the same one answers with the same event, whatever the body says now', async () => {
    const first = await idOf(send(mert, 'same'))
    const before = await checksums(node.database.sql)
    expect(await idOf(send(mert, 'same'))).toBe(first)
    expect(await idOf(send(mert, 'same', { body: 'other' }))).toBe(first)
    expect(await checksums(node.database.sql)).toEqual(before)
    expect(ok(await mert.event(roomId, first)).unsigned).toMatchObject({ transaction_id: 'same' })
    expect(ok(await owner.event(roomId, first)).unsigned).not.toHaveProperty('transaction_id')
  })

  test('ten at once are one', async () => {
    const ids = await Promise.all(Array.from({ length: 10 }, () => idOf(send(mert, 'at once'))))
    expect(new Set(ids).size).toBe(1)
    expect((await owner.history(roomId)).filter((event) => event.type === 'm.room.message')).toHaveLength(1)
  })

  test('belong to a device, a room, a type and an endpoint', async () => {
    const phone = await addDevice(node, 'mert')
    const other = await owner.createRoom({ preset: 'public_chat' })
    ok(await mert.join(other))
    const ids = [
      await idOf(send(mert, 'shared')),
      await idOf(send(phone, 'shared')),
      await idOf(mert.send(other, 'm.room.message', text, 'shared')),
      await idOf(mert.send(roomId, 'm.room.notice', text, 'shared')),
    ]
    ids.push(await idOf(mert.redact(roomId, ids[0]!, {}, 'shared')))
    ids.push(await idOf(mert.redact(roomId, ids[1]!, {}, 'shared')))
    expect(new Set(ids).size).toBe(6)
    expect(await idOf(mert.redact(roomId, ids[0]!, { reason: 'again' }, 'shared'))).toBe(ids[4])
    expect(ok(await phone.event(roomId, ids[0]!)).unsigned).not.toHaveProperty('transaction_id')
  })

  test('a refusal is forgotten: the same id may do better later', async () => {
    ok(await mert.leave(roomId))
    expect(refusal(await send(mert, 'later'))).toBe('403 M_FORBIDDEN')
    ok(await mert.join(roomId))
    expect(await idOf(send(mert, 'later'))).toMatch(/^\$/)
  })

  test('are answered still after the sender has left', async () => {
    const first = await idOf(send(mert, 'before leaving'))
    ok(await mert.leave(roomId))
    expect(await idOf(send(mert, 'before leaving'))).toBe(first)
  })

  test('are known after a restart, though the sender may have left meanwhile, and new ones go on', async () => {
    const first = await idOf(send(mert, 'kept'))
    const redaction = await idOf(mert.redact(roomId, first, {}, 'kept'))
    await node.stop()
    node = await serveRooms({ database: node.database })
    ;[owner, mert, stranger] = [owner.on(node), mert.on(node), stranger.on(node)]
    const others = await Promise.all([idOf(send(mert, 'kept')), idOf(send(owner, 'kept')), idOf(send(mert, 'new'))])
    expect(others[0]).toBe(first)
    expect(new Set(others).size).toBe(3)
    expect(await idOf(mert.redact(roomId, first, {}, 'kept'))).toBe(redaction)
    ok(await mert.leave(roomId))
    expect(await idOf(send(mert, 'kept'))).toBe(first)
    expect((await owner.history(roomId)).filter((event) => event.type === 'm.room.message')).toHaveLength(3)
  })

  test('are known after the room was let go from memory', async () => {
    lowerRoomLimits(node.deps, { rooms: 1, events: 2_000 })
    const first = await idOf(send(mert, 'small memory'))
    await owner.createRoom()
    expect(await idOf(send(mert, 'small memory'))).toBe(first)
    ok(await send(mert, 'more'))
  })

  test.each([
    ['é'.repeat(127) + 'x', 200],
    ['é'.repeat(128), 400],
    ['a/b c?d#e%41ü', 200],
  ])('the id %s', async (txnId, status) => {
    expect((await send(mert, txnId)).status).toBe(status)
  })

  test('old ones are forgotten after two days', async () => {
    const first = await idOf(send(mert, 'old'))
    node.clock.advance(2 * 86_400_000 + 1)
    await expect
      .poll(async () => node.database.sql`select 1 from event_transactions where event_id = ${first}`)
      .toHaveLength(0)
    ok(await send(mert, 'young'))
  })
})

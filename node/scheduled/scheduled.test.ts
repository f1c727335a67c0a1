import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import * as api from '#spec/api/client/delayed-events.ts'
import { getCapabilities } from '#spec/api/client/capabilities.ts'
import * as events from '#spec/api/client/events.ts'
import { getVersions } from '#spec/api/client/versions.ts'
import type { EventId } from '#spec/ids.ts'
import { identifyToken } from '#node/accounts/identify-token.ts'
import { lowerPasswordCost } from '#node/accounts/password.ts'
import { accounts } from '#node/accounts/slice.ts'
import { devices } from '#node/devices/slice.ts'
import { ephemeral } from '#node/ephemeral/slice.ts'
import { rooms } from '#node/rooms/slice.ts'
import { sendDelayed } from '#node/rooms/send-event.ts'
import { addCaller, addDevice, ok, refusal, type Caller } from '#node/rooms/testing/caller.ts'
import { serveSlices, type ServedSlices } from '#test/serve-slices.ts'
import type { TestDatabase } from '#test/postgres.ts'
import { senderOf } from './send-due.ts'
import { scheduled } from './slice.ts'
import { readDelayed } from './store.ts'

const serve = (database?: TestDatabase, settings: Record<string, string> = {}) =>
  serveSlices([accounts, devices, rooms, ephemeral, scheduled], {
    identifyToken,
    prepare: (deps) => lowerPasswordCost(deps),
    settings: { HEARTH_REGISTRATION: 'open', ...settings },
    ...(database && { database }),
  })

let node: ServedSlices
let ali: Caller
let bea: Caller
let roomId: string
beforeAll(async () => {
  node = await serve()
  ali = await addCaller(node, 'ali')
  bea = await addCaller(node, 'bea')
})
beforeEach(async () => {
  roomId = await ali.createRoom({ preset: 'public_chat' })
  ok(await bea.join(roomId))
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const text = (body: string) => ({ msgtype: 'm.text', body })
const later = async (who: Caller, body: string, delay: number, txnId = who.nextTxn()) =>
  ok(await tryLater(who, { delay, content: text(body) }, txnId)).delay_id!
const tryLater = (who: Caller, body: object, txnId = who.nextTxn(), eventType = 'm.room.message', room = roomId) =>
  who.call(api.scheduleDelayedEvent, { params: { roomId: room, eventType, txnId }, body })
const laterState = async (who: Caller, eventType: string, content: object, delay: number, state_key = '') =>
  ok(await tryLater(who, { delay, content, state_key }, who.nextTxn(), eventType)).delay_id!
const act = (who: Caller, delayId: string, action: string) =>
  who.call(api.actOnDelayedEvent, { params: { delayId, action } })
const one = async (who: Caller, delayId: string) => ok(await who.call(api.getDelayedEvent, { params: { delayId } }))
const said = async () => (await ali.history(roomId)).flatMap((event) => event.content['body'] ?? [])
/** Puts the clock forward, and waits for what that brings. */
async function pass(ms: number): Promise<void> {
  await senderOf(node.deps).idle()
  node.clock.advance(ms)
  await senderOf(node.deps).idle()
}

test('an event is sent when its time has come, and not before; only its sender is told what it was called', async () => {
  const delayId = await later(ali, 'later', 10_000)
  await pass(9_000)
  ok(await act(bea, await later(bea, 'now', 60_000), 'send'))
  expect(await said()).toEqual(['now'])
  expect(await one(ali, delayId)).toMatchObject({
    delay_id: delayId,
    room_id: roomId,
    type: 'm.room.message',
    delay: 10_000,
    content: text('later'),
  })
  expect(await one(ali, delayId)).not.toHaveProperty('origin_server_ts')
  await pass(1_000)
  expect(await said()).toEqual(['now', 'later'])
  const { event_id: eventId, origin_server_ts: at } = await one(ali, delayId)
  expect(at).toBeLessThanOrEqual(node.clock.now())
  const unsignedFor = async (who: Caller) => ok(await who.event(roomId, eventId!)).unsigned
  expect(await unsignedFor(ali)).toMatchObject({ 'org.matrix.msc4140.delay_id': delayId })
  expect(await unsignedFor(await addDevice(node, 'ali'))).toMatchObject({ 'org.matrix.msc4140.delay_id': delayId })
  expect(await unsignedFor(ali)).not.toHaveProperty('transaction_id')
  expect(await unsignedFor(bea)).not.toHaveProperty(['org.matrix.msc4140.delay_id'])
})

test('the endpoints that send take a delay, too', async () => {
  const query = { 'org.matrix.msc4140.delay': '5000' }
  const message = { roomId, eventType: 'm.room.message', txnId: 'once' }
  const send = async () =>
    ok(await ali.call(events.sendEvent, { params: message, query, body: text('message') })) as {
      delay_id?: string
      event_id?: string
    }
  const first = await send()
  expect(Object.keys(first)).toEqual(['delay_id'])
  expect(await send()).toEqual(first)
  const params = { roomId, eventType: 'm.room.topic' }
  ok(await ali.call(events.sendStateEventEmptyKey, { params, query, body: { topic: 'later' } }))
  const keyed = { roomId, eventType: 'org.example.a', stateKey: 'key' }
  ok(await ali.call(events.sendStateEvent, { params: keyed, query, body: { a: 1 } }))
  await pass(5_000)
  expect(await said()).toEqual(['message'])
  expect(ok(await ali.piece(roomId, 'm.room.topic'))).toEqual({ topic: 'later' })
  expect(ok(await ali.piece(roomId, 'org.example.a', 'key'))).toEqual({ a: 1 })
  for (const bad of ['0', '-1', 'x', '1.5'])
    expect(
      refusal(
        await ali.call(events.sendEvent, {
          params: message,
          query: { 'org.matrix.msc4140.delay': bad },
          body: text('x'),
        }),
      ),
    ).toBe('400 M_INVALID_PARAM')
})

test('a restart begins the time anew, for whoever knows the id', async () => {
  const delayId = await later(ali, 'hangup', 10_000)
  for (let i = 0; i < 5; i++) {
    await pass(8_000)
    expect((await node.call(api.actOnDelayedEvent, { params: { delayId, action: 'restart' } })).status).toBe(200)
  }
  expect(await said()).toEqual([])
  await pass(10_000)
  expect(await said()).toEqual(['hangup'])
  expect(refusal(await act(ali, delayId, 'restart'))).toBe('409 M_UNKNOWN')
})

test('what is cancelled is never sent; repeating an action is no mistake, the opposite is', async () => {
  const [sent, cancelled] = [await later(ali, 'sent', 10_000), await later(ali, 'cancelled', 10_000)]
  const update = (action: string) =>
    node.call(api.updateDelayedEvent, { params: { delayId: cancelled }, body: { action } })
  for (let i = 0; i < 2; i++) {
    ok(await act(ali, sent, 'send'))
    expect((await update('cancel')).status).toBe(200)
  }
  expect(refusal(await act(ali, sent, 'cancel'))).toBe('409 M_UNKNOWN')
  expect(refusal(await update('send'))).toBe('409 M_UNKNOWN')
  expect(refusal(await act(ali, 'nothing', 'cancel'))).toBe('404 M_NOT_FOUND')
  expect(refusal(await act(ali, sent, 'explode'))).toBe('400 M_INVALID_PARAM')
  await later(ali, 'last', 20_000)
  await pass(20_000)
  expect(await said()).toEqual(['sent', 'last'])
})

test('a request that is repeated, before and after a restart, schedules once', async () => {
  const ids = await Promise.all(Array.from({ length: 3 }, () => later(ali, 'once', 60_000, 'txn')))
  expect(new Set(ids).size).toBe(1)
  expect(await later(await addDevice(node, 'ali'), 'other device', 60_000, 'txn')).not.toBe(ids[0])
})

describe('at the time of sending', () => {
  test('the sender needs the power, and what came of it is told', async () => {
    const delayId = await laterState(bea, 'm.room.topic', { topic: 'mine' }, 1_000)
    expect(refusal(await act(bea, delayId, 'send'))).toBe('403 M_FORBIDDEN')
    expect(await one(bea, delayId)).not.toHaveProperty('origin_server_ts')
    await pass(1_000)
    expect(await one(bea, delayId)).toMatchObject({
      error: { errcode: 'M_FORBIDDEN' },
      origin_server_ts: expect.any(Number) as number,
    })
    expect(ok(await act(bea, delayId, 'cancel'))).toEqual({})
    await later(bea, 'gone', 1_000)
    ok(await bea.leave(roomId))
    await pass(1_000)
    expect(await said()).toEqual([])
  })

  test('a redaction redacts', async () => {
    const target = await ali.say(roomId, 'soon gone')
    const body = { delay: 1_000, content: { redacts: target } }
    ok(await tryLater(ali, body, ali.nextTxn(), 'm.room.redaction'))
    await pass(1_000)
    expect(ok(await bea.event(roomId, target)).content).toEqual({})
  })

  test('those of one room are sent in the order of their times, and all of them', async () => {
    for (let i = 0; i < 20; i++) await later(ali, `${i}`, 9_000 - 300 * i)
    await pass(10_000)
    expect(await said()).toEqual(Array.from({ length: 20 }, (_, i) => `${19 - i}`))
  })
})

test("state that somebody else has set meanwhile is not overwritten, state of one's own is", async () => {
  ok(await ali.setState(roomId, 'm.room.power_levels', { state_default: 0 }))
  const lost = await laterState(bea, 'org.example.a', { by: 'bea' }, 10_000, 'one')
  await laterState(bea, 'org.example.a', { by: 'bea later' }, 10_000, 'two')
  await laterState(bea, 'org.example.a', { by: 'bea' }, 10_000, 'three')
  ok(await ali.setState(roomId, 'org.example.a', { by: 'ali' }, 'one'))
  ok(await bea.setState(roomId, 'org.example.a', { by: 'bea now' }, 'two'))
  await pass(10_000)
  const by = async (key: string) => ok(await ali.piece(roomId, 'org.example.a', key))
  expect([await by('one'), await by('two'), await by('three')]).toEqual([
    { by: 'ali' },
    { by: 'bea later' },
    { by: 'bea' },
  ])
  expect(await one(bea, lost)).toMatchObject({ error: { 'org.matrix.msc4140.errcode': 'M_CANCELLED_BY_STATE_UPDATE' } })
})

test('what is scheduled and what became of the rest is listed for its owner alone', async () => {
  const can = await addCaller(node, 'can')
  ok(await can.join(roomId))
  const ids: string[] = []
  for (let i = 0; i < 4; i++) ids.push(await later(can, `${i}`, 50_000 + i))
  ok(await act(can, ids[0]!, 'send'))
  ok(await act(can, ids[1]!, 'cancel'))
  const list = async (query: Record<string, string> = {}, who = can) =>
    ok(await who.call(api.getDelayedEvents, { query }))
  const idsOf = (listed: { delayed_events?: readonly { delay_id: string }[] | undefined }) =>
    listed.delayed_events!.map((event) => event.delay_id)
  const all = await list()
  expect(idsOf(all)).toEqual(ids)
  expect(all.scheduled!.map((event) => event.delay_id)).toEqual(ids.slice(2))
  expect(all.finalised).toMatchObject([
    {
      outcome: 'send',
      reason: 'action',
      delayed_event: { delay_id: ids[0] },
      event_id: expect.stringMatching(/^\$/) as string,
    },
    { outcome: 'cancel', reason: 'action', delayed_event: { delay_id: ids[1] } },
  ])
  expect(idsOf(await list({ dir: 'b', status: 'scheduled' }))).toEqual([ids[3], ids[2]])
  expect(idsOf(await list({ status: 'finalised', outcome: 'cancel' }))).toEqual([ids[1]])
  expect(idsOf(await list({ delay_id: ids[2]! }))).toEqual([ids[2]])
  expect(idsOf(await list({ type: 'm.other' }))).toEqual([])
  expect(idsOf(await list({ room_id: roomId, reason: 'delay' }))).toEqual([])
  expect(refusal(await can.call(api.getDelayedEvents, { query: { status: 'lost' } }))).toBe('400 M_INVALID_PARAM')
  expect(refusal(await can.call(api.getDelayedEvents, { query: { from: 'x' } }))).toBe('400 M_INVALID_PARAM')
  expect(idsOf(await list({}, bea)).filter((id) => ids.includes(id))).toEqual([])
  expect(refusal(await bea.call(api.getDelayedEvent, { params: { delayId: ids[2]! } }))).toBe('404 M_NOT_FOUND')
})

describe('the limits', () => {
  test('are told, and hold: how long, how many, by whom', async () => {
    const week = 7 * 86_400_000
    const capability = { max_delay_ms: week, max_scheduled: 100 }
    expect(ok(await ali.call(getCapabilities)).capabilities).toMatchObject({
      'org.matrix.msc4140.delayed_events': capability,
    })
    expect(ok(await ali.call(getVersions)).unstable_features).toMatchObject({ 'org.matrix.msc4140': true })
    const tooLong = await tryLater(ali, { delay: week + 1, content: {} })
    expect(tooLong).toMatchObject({
      status: 400,
      body: {
        errcode: 'M_UNKNOWN',
        'org.matrix.msc4140.errcode': 'M_MAX_DELAY_EXCEEDED',
        'org.matrix.msc4140.max_delay': week,
      },
    })
    for (const delay of [0, -1, 1.5, 'x']) expect((await tryLater(ali, { delay, content: {} })).status).toBe(400)
    const closed = await bea.createRoom()
    expect(refusal(await tryLater(ali, { delay: 1, content: {} }, 'x', 'm.room.message', closed))).toBe(
      '403 M_FORBIDDEN',
    )
    expect(refusal(await tryLater(ali, { delay: 1, content: {}, state_key: '' }, 'x', 'm.room.create'))).toBe(
      '403 M_FORBIDDEN',
    )
    expect(refusal(await tryLater(ali, { delay: 1, content: {} }, 'x'.repeat(256)))).toBe('400 M_INVALID_PARAM')
    const many = await addCaller(node, 'many')
    ok(await many.join(roomId))
    for (let i = 0; i < 100; i++) await later(many, 'x', 60_000)
    const refused = await tryLater(many, { delay: 60_000, content: {} })
    expect(refusal(refused)).toBe('429 M_LIMIT_EXCEEDED')
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(30)
  })

  test('let a call restart every five seconds for an hour', async () => {
    const limited = await serve(undefined, { HEARTH_RATE_LIMITS: 'on' })
    try {
      const caller = await addCaller(limited, 'caller')
      const room = await caller.createRoom()
      const params = { roomId: room, eventType: 'm.room.message', txnId: 'x' }
      const delayId = ok(
        await caller.call(api.scheduleDelayedEvent, { params, body: { delay: 10_000, content: text('x') } }),
      ).delay_id!
      for (let i = 0; i < 720; i++) {
        limited.clock.advance(5_000)
        ok(await act(caller, delayId, 'restart'))
      }
    } finally {
      await limited.stop()
      await limited.database.drop()
    }
  })
})

describe('a node that ends', () => {
  async function restart(): Promise<void> {
    const { database, clock } = node
    const ahead = clock.now()
    await node.stop()
    node = await serve(database)
    node.clock.advance(Math.max(0, ahead - node.clock.now()))
    ;[ali, bea] = [ali.on(node), bea.on(node)]
  }

  test('sends afterwards what came due meanwhile, and what comes due later', async () => {
    await later(ali, 'due', 5_000)
    await later(ali, 'waiting', 3_600_000)
    const replaced = await laterState(ali, 'org.example.a', { a: 1 }, 3_600_000)
    await restart()
    await pass(5_000)
    expect(await said()).toEqual(['due'])
    ok(await ali.setState(roomId, 'm.room.power_levels', { state_default: 0 }))
    ok(await bea.setState(roomId, 'org.example.a', { a: 2 }))
    expect(await one(ali, replaced)).toMatchObject({ error: { errcode: 'M_UNKNOWN' } })
    await pass(3_600_000)
    expect(await said()).toEqual(['due', 'waiting'])
  })

  test.each(['m.room.message', 'org.example.state'])(
    'after sending %s, and before it noted that, sends it no second time',
    async (type) => {
      const stateKey = type === 'm.room.message' ? undefined : 'key'
      const delayId =
        stateKey === undefined
          ? await later(ali, 'once', 5_000)
          : await laterState(ali, type, { a: 1 }, 5_000, stateKey)
      const event = (await readDelayed(node.deps.sql, delayId))!
      const content = JSON.parse(event.content) as Record<string, string>
      const sender = { userId: event.userId, deviceId: event.deviceId }
      const eventId: EventId = await sendDelayed(node.deps, sender, {
        roomId: event.roomId,
        type,
        stateKey,
        content,
        delayId,
      })
      if (stateKey !== undefined) ok(await ali.setState(roomId, type, { a: 2 }, stateKey))
      await restart()
      await pass(5_000)
      expect((await one(ali, delayId)).event_id).toBe(eventId)
      expect((await ali.history(roomId)).filter((found) => found.type === type)).toHaveLength(
        stateKey === undefined ? 1 : 2,
      )
    },
  )
})

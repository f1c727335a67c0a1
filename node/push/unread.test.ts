import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import * as api from '#spec/api/client/push-rules.ts'
import { forgetRead } from './forget-read.ts'
import { addTalker, joined, serveTalk, type Talker } from '#node/sync/testing/talk.ts'
import type { ServedSlices } from '#test/serve-slices.ts'

/*
 * What is unread to whom, by everybody's own rules.
 */

let node: ServedSlices
let ali: Talker
let bea: Talker
let cem: Talker
let roomId: string

beforeAll(async () => {
  node = await serveTalk()
  ali = await addTalker(node, 'ali')
})
let rounds = 0
beforeEach(async () => {
  rounds++
  bea = await addTalker(node, `bea${rounds}`)
  cem = await addTalker(node, `cem${rounds}`)
  roomId = await ali.createRoom({ preset: 'public_chat' })
  for (const one of [bea, cem]) await one.join(roomId)
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

type Counts = [messages: number, highlights: number]
const countsOf = (one: { notification_count?: number | undefined; highlight_count?: number | undefined }): Counts => [
  one.notification_count!,
  one.highlight_count!,
]
const unread = async (who: Talker): Promise<Counts> => countsOf(joined(await who.sync(), roomId)!.unread_notifications!)
const byThread = { room: { timeline: { unread_thread_notifications: true } } }
const threads = async (who: Talker): Promise<Record<string, Counts>> => {
  const room = joined(await who.sync({ filter: byThread }), roomId)!
  const counts = Object.entries(room.unread_thread_notifications!).map(([id, one]) => [id, countsOf(one)] as const)
  return { main: countsOf(room.unread_notifications!), ...Object.fromEntries(counts) }
}
const inThread = (root: string) => ({ 'm.relates_to': { rel_type: 'm.thread', event_id: root } })
const mentions = (...who: Talker[]) => ({ 'm.mentions': { user_ids: who.map((one) => one.id) } })

const setRule = (who: Talker, kind: string, ruleId: string, body: object) =>
  who.do(api.setPushRule, { params: { kind, ruleId }, body })
const setEnabled = (who: Talker, ruleId: string, enabled: boolean, kind = 'override') =>
  who.do(api.setPushRuleEnabled, { params: { kind, ruleId }, body: { enabled } })
const mute = (who: Talker) =>
  setRule(who, 'override', roomId, {
    conditions: [{ kind: 'event_match', key: 'room_id', pattern: roomId }],
    actions: [],
  })
const unmute = (who: Talker) => who.do(api.deletePushRule, { params: { kind: 'override', ruleId: roomId } })

describe('own rules', () => {
  test('a muted room counts nothing, and nothing is stored for it', async () => {
    await ali.send(roomId, 'before')
    await mute(bea)
    for (let i = 0; i < 3; i++) await ali.send(roomId, `${i}`, mentions(bea))
    expect(await unread(bea)).toEqual([1, 0])
    expect(await unread(cem)).toEqual([4, 0])
    const rows = await node.deps.sql`select from notification_exceptions where room_id = ${roomId}`
    expect(rows).toHaveLength(0)
    await unmute(bea)
    await ali.send(roomId, 'after')
    await ali.send(roomId, 'after', mentions(bea))
    expect(await unread(bea)).toEqual([3, 1])
    await mute(bea)
    await ali.send(roomId, 'again')
    expect(await unread(bea)).toEqual([3, 1])
    expect(await unread(cem)).toEqual([7, 0])
  })

  test('a mute outlasts a restart', async () => {
    await mute(bea)
    await ali.send(roomId, 'one')
    const { database } = node
    await node.stop()
    node = await serveTalk(database)
    for (const one of [ali, bea, cem]) one.node = node
    await ali.send(roomId, 'two')
    expect(await unread(bea)).toEqual([0, 0])
    await unmute(bea)
    await ali.send(roomId, 'three')
    expect(await unread(bea)).toEqual([1, 0])
  })

  test('mentions only', async () => {
    await setRule(bea, 'room', roomId, { actions: [] })
    await ali.send(roomId, 'one')
    await ali.send(roomId, 'two', mentions(bea))
    await ali.send(roomId, 'all', { 'm.mentions': { room: true } })
    expect(await unread(bea)).toEqual([2, 2])
    expect(await unread(cem)).toEqual([3, 1])
  })

  test('keywords stand out', async () => {
    const actions = ['notify', { set_tweak: 'highlight' }]
    await setRule(bea, 'content', 'soup', { pattern: 'soup', actions })
    await ali.send(roomId, 'there is Soup')
    await ali.send(roomId, 'there are soups')
    await ali.send(roomId, 'a bot says soup', { msgtype: 'm.notice' })
    expect(await unread(bea)).toEqual([2, 1])
    expect(await unread(cem)).toEqual([2, 0])
    await setEnabled(bea, '.m.rule.suppress_notices', false)
    await ali.send(roomId, 'a bot says soup', { msgtype: 'm.notice' })
    expect(await unread(bea)).toEqual([3, 2])
  })

  test('the name that one has, as the room has it', async () => {
    await setRule(bea, 'override', 'name', {
      conditions: [{ kind: 'contains_display_name' }],
      actions: ['notify', { set_tweak: 'highlight' }],
    })
    await ali.send(roomId, 'hello Beatrix')
    expect(await unread(bea)).toEqual([1, 0])
    await bea.setName('Beatrix')
    await ali.send(roomId, 'hello Beatrix')
    await bea.setName('Trixi')
    await ali.send(roomId, 'hello beatrix')
    await ali.send(roomId, 'hello trixi')
    expect(await unread(bea)).toEqual([4, 2])
  })

  test('nothing at all', async () => {
    await setEnabled(bea, '.m.rule.master', true)
    await ali.send(roomId, 'one', mentions(bea))
    expect(await unread(bea)).toEqual([0, 0])
  })

  test('one sender is silent', async () => {
    await setRule(bea, 'sender', ali.id, { actions: [] })
    await ali.send(roomId, 'one')
    await cem.send(roomId, 'two')
    expect(await unread(bea)).toEqual([1, 0])
  })

  test('a rule for two in a room', async () => {
    roomId = await ali.createRoom({ preset: 'public_chat' })
    await bea.join(roomId)
    await setEnabled(bea, '.m.rule.room_one_to_one', false, 'underride')
    await setEnabled(bea, '.m.rule.message', false, 'underride')
    await setEnabled(bea, '.m.rule.room_one_to_one', true, 'underride')
    await ali.send(roomId, 'for two')
    expect(await unread(bea)).toEqual([1, 0])
    await cem.join(roomId)
    await ali.send(roomId, 'for three')
    expect(await unread(bea)).toEqual([1, 0])
  })
})

test('the whole room is mentioned only by those who may', async () => {
  await cem.send(roomId, 'all', { 'm.mentions': { room: true } })
  expect(await unread(bea)).toEqual([1, 0])
  await ali.send(roomId, 'all', { 'm.mentions': { room: true } })
  expect(await unread(bea)).toEqual([2, 1])
  await ali.setState(roomId, 'm.room.tombstone', { body: 'moved' })
  expect(await unread(bea)).toEqual([3, 2])
})

test('ignored people notify nobody', async () => {
  await bea.setData('m.ignored_user_list', { ignored_users: { [ali.id]: {} } })
  await ali.send(roomId, 'one', mentions(bea))
  await cem.send(roomId, 'two')
  expect(await unread(bea)).toEqual([1, 0])
  await bea.setData('m.ignored_user_list', { ignored_users: {} })
  await ali.send(roomId, 'three')
  expect(await unread(bea)).toEqual([2, 0])
})

test('what is redacted counts no more', async () => {
  const one = await ali.send(roomId, 'one', mentions(bea))
  await ali.send(roomId, 'two')
  const three = await ali.send(roomId, 'all', { 'm.mentions': { room: true } })
  expect(await unread(bea)).toEqual([3, 2])
  await ali.redact(roomId, one)
  expect(await unread(bea)).toEqual([2, 1])
  await ali.redact(roomId, three)
  expect([await unread(bea), await unread(cem)]).toEqual([
    [1, 0],
    [1, 0],
  ])
})

describe('threads', () => {
  let root: string
  let other: string
  beforeEach(async () => {
    root = await ali.send(roomId, 'root')
    other = await ali.send(roomId, 'other root')
    await bea.read(roomId, other)
  })

  test('are counted each for itself, and together where nobody asks for them', async () => {
    await ali.send(roomId, 'in a thread', inThread(root))
    await ali.send(roomId, 'in a thread', { ...inThread(root), ...mentions(bea) })
    await ali.send(roomId, 'in another', inThread(other))
    await ali.send(roomId, 'outside')
    expect(await threads(bea)).toEqual({ main: [1, 0], [root]: [2, 1], [other]: [1, 0] })
    expect(await unread(bea)).toEqual([4, 1])
  })

  test('are read each for itself', async () => {
    const first = await ali.send(roomId, 'first', inThread(root))
    const second = await ali.send(roomId, 'second', inThread(root))
    const outside = await ali.send(roomId, 'outside')
    const elsewhere = await ali.send(roomId, 'elsewhere', inThread(other))
    await bea.read(roomId, outside, { thread_id: 'main' })
    expect(await threads(bea)).toEqual({ main: [0, 0], [root]: [2, 0], [other]: [1, 0] })
    await bea.read(roomId, first, { thread_id: root }, 'm.read.private')
    expect(await threads(bea)).toEqual({ main: [0, 0], [root]: [1, 0], [other]: [1, 0] })
    // For all threads, up to here.
    await bea.read(roomId, second)
    expect(await threads(bea)).toEqual({ main: [0, 0], [other]: [1, 0] })
    await bea.read(roomId, elsewhere)
    expect(await threads(bea)).toEqual({ main: [0, 0] })
    await ali.send(roomId, 'third', inThread(root))
    expect(await threads(bea)).toEqual({ main: [0, 0], [root]: [1, 0] })
  })

  test('whoever answers in one has read that one', async () => {
    await ali.send(roomId, 'in a thread', inThread(root))
    await ali.send(roomId, 'outside')
    await bea.send(roomId, 'answer', inThread(root))
    expect(await threads(bea)).toEqual({ main: [1, 0] })
    await bea.send(roomId, 'answer')
    expect(await threads(bea)).toEqual({ main: [0, 0] })
  })
})

test('leaving and coming back begins anew', async () => {
  await mute(bea)
  await ali.send(roomId, 'one')
  await bea.leave(roomId)
  await unmute(bea)
  await ali.send(roomId, 'two', mentions(bea))
  await bea.join(roomId)
  expect(await unread(bea)).toEqual([0, 0])
  await ali.send(roomId, 'three', mentions(bea))
  expect(await unread(bea)).toEqual([1, 1])
})

test('what stood out long ago is kept only while it is unread', async () => {
  const read = await ali.send(roomId, 'one', mentions(bea, cem))
  await bea.read(roomId, read)
  const kept = async () => {
    const rows = await node.deps.sql`select user_id from notification_exceptions where room_id = ${roomId}`
    return rows.map((row) => row['user_id'] as string).toSorted()
  }
  await forgetRead(node.deps)
  expect(await kept()).toEqual([bea.id, cem.id])
  node.clock.advance(31 * 86_400_000)
  await forgetRead(node.deps)
  expect(await kept()).toEqual([cem.id])
  expect(await unread(cem)).toEqual([1, 1])
})

test('what a message costs does not depend on how many are in the room', async () => {
  const others = await Promise.all(Array.from({ length: 20 }, (_, i) => addTalker(node, `many${i}`)))
  for (const one of others) await one.join(roomId)
  for (const one of others.slice(0, 5)) await mute(one)
  await ali.send(roomId, 'settles who has muted the room')
  const rows = async () => {
    const [row] = await node.deps.sql<{ count: number }[]>`
      select (select count(*) from room_notifications) + (select count(*) from notification_exceptions) +
        (select count(*) from quiet_spans) + (select count(*) from read_marks) as count`
    return Number(row!.count)
  }
  const before = await rows()
  await ali.send(roomId, 'one more')
  expect(await rows()).toBe(before + 1)
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as api from '#spec/api/client/push-rules.ts'
import { getAccountData } from '#spec/api/client/account-data.ts'
import { sync } from '#spec/api/client/sync.ts'
import type { Endpoint } from '#spec/endpoint.ts'
import { serveTalk } from '#node/sync/testing/talk.ts'
import { addPerson, type Person } from '#test/people.ts'
import type { CallInput, ServedSlices } from '#test/serve-slices.ts'

let node: ServedSlices
beforeAll(async () => {
  node = await serveTalk()
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

let people = 0
const newcomer = () => addPerson(node, `person${++people}`)
const as =
  ({ token }: Person) =>
  <E extends Endpoint>(endpoint: E, input: CallInput = {}) =>
    node.call(endpoint, { token, ...input })

const rule = (kind: string, ruleId: string) => ({ kind, ruleId })
const put = (who: Person, kind: string, ruleId: string, body: object, query: Record<string, string> = {}) =>
  as(who)(api.setPushRule, { params: rule(kind, ruleId), body, query })
const notify = { actions: ['notify'] }
const contentIds = async (who: Person) =>
  (await as(who)(api.getGlobalPushRules)).body.content?.map((one) => one.rule_id)

test('everybody has the predefined rules, which speak of themselves', async () => {
  const ayse = await newcomer()
  const { status, body } = await as(ayse)(api.getPushRules)
  expect(status).toBe(200)
  const { override = [], underride = [], ...rest } = body.global!
  expect(rest).toEqual({ content: [], room: [], sender: [] })
  expect(override[0]).toMatchObject({ rule_id: '.m.rule.master', enabled: false })
  const mention = override.find((one) => one.rule_id === '.m.rule.is_user_mention')
  expect(mention?.conditions).toEqual([
    { kind: 'event_property_contains', key: String.raw`content.m\.mentions.user_ids`, value: ayse.userId },
  ])
  expect(underride.map((one) => one.rule_id)).toContain('.m.rule.message')
  expect((await as(ayse)(api.getGlobalPushRules)).body).toEqual(body.global)
})

test('a stranger has none', async () => {
  expect((await node.call(api.getPushRules)).status).toBe(401)
})

test('a rule is made, read, changed and taken away', async () => {
  const ayse = await newcomer()
  expect(await put(ayse, 'content', 'cake', { pattern: 'cake', ...notify })).toMatchObject({ status: 200, body: {} })
  const params = rule('content', 'cake')
  const read = async () => (await as(ayse)(api.getPushRule, { params })).body
  expect(await read()).toEqual({
    rule_id: 'cake',
    default: false,
    enabled: true,
    pattern: 'cake',
    actions: ['notify'],
  })
  await as(ayse)(api.setPushRuleEnabled, { params, body: { enabled: false } })
  await as(ayse)(api.setPushRuleActions, { params, body: { actions: ['dont_notify', { set_tweak: 'highlight' }] } })
  expect((await as(ayse)(api.isPushRuleEnabled, { params })).body).toEqual({ enabled: false })
  expect((await as(ayse)(api.getPushRuleActions, { params })).body).toEqual({ actions: [{ set_tweak: 'highlight' }] })
  await put(ayse, 'content', 'cake', { pattern: 'pie', ...notify })
  expect(await read()).toMatchObject({ pattern: 'pie', enabled: false })
  expect((await as(ayse)(api.deletePushRule, { params })).status).toBe(200)
  expect(await as(ayse)(api.getPushRule, { params })).toMatchObject({ status: 404, body: { errcode: 'M_NOT_FOUND' } })
})

test('rules stand where they are put, also when many are put at once', async () => {
  const ayse = await newcomer()
  const content = (ruleId: string, query = {}) => put(ayse, 'content', ruleId, { pattern: 'x', ...notify }, query)
  await content('b')
  await content('a')
  await content('c', { after: 'b' })
  await content('between', { before: 'c' })
  expect(await contentIds(ayse)).toEqual(['a', 'b', 'between', 'c'])
  await Promise.all(Array.from({ length: 20 }, (_, i) => content(`many ${i}`)))
  expect(await contentIds(ayse)).toHaveLength(24)
})

test('predefined rules are switched and set, never deleted', async () => {
  const ayse = await newcomer()
  const params = rule('underride', '.m.rule.message')
  await as(ayse)(api.setPushRuleActions, { params, body: { actions: [] } })
  await as(ayse)(api.setPushRuleEnabled, { params: rule('override', '.m.rule.master'), body: { enabled: true } })
  const { override, underride } = (await as(ayse)(api.getGlobalPushRules)).body
  expect(override?.[0]).toMatchObject({ enabled: true, default: true })
  expect(underride?.find((one) => one.rule_id === '.m.rule.message')?.actions).toEqual([])
  expect(await as(ayse)(api.deletePushRule, { params })).toMatchObject({ status: 400 })
  expect(await put(ayse, 'underride', '.m.rule.message', notify)).toMatchObject({ status: 400 })
  expect((await as(await newcomer())(api.getGlobalPushRules)).body.override?.[0]?.enabled).toBe(false)
})

describe('refusals', () => {
  let ayse: Person
  beforeAll(async () => {
    ayse = await newcomer()
  })
  test.each<[string, string, string, object, Record<string, string>, string]>([
    ['an unknown kind', 'overide', 'a', notify, {}, '400 M_INVALID_PARAM'],
    ['a dot in front', 'override', '.a', notify, {}, '400 M_INVALID_PARAM'],
    ['a slash', 'override', 'a/b', notify, {}, '400 M_INVALID_PARAM'],
    ['a long id', 'override', 'a'.repeat(10_000), notify, {}, '400 M_INVALID_PARAM'],
    ['a room that is none', 'room', 'a', notify, {}, '400 M_INVALID_PARAM'],
    ['no pattern', 'content', 'a', notify, {}, '400 M_MISSING_PARAM'],
    ['no actions', 'override', 'a', {}, {}, '400 M_BAD_JSON'],
    ['a large rule', 'content', 'a', { pattern: 'x'.repeat(1024), ...notify }, {}, '413 M_TOO_LARGE'],
    ['no such neighbour', 'override', 'a', notify, { before: 'nobody' }, '400 M_UNKNOWN'],
    ['a predefined neighbour', 'override', 'a', notify, { after: '.m.rule.reaction' }, '400 M_UNKNOWN'],
  ])('%s', async (_, kind, ruleId, body, query, refusal) => {
    const answer = await put(ayse, kind, ruleId, body, query)
    expect(`${answer.status} ${(answer.body as { errcode?: string }).errcode}`).toBe(refusal)
    expect((await as(ayse)(api.getGlobalPushRules)).body.content).toEqual([])
  })

  test('actions of a predefined rule that are too large', async () => {
    const actions = [{ set_tweak: 'sound', value: 'x'.repeat(2_000) }]
    const params = rule('underride', '.m.rule.message')
    expect((await as(ayse)(api.setPushRuleActions, { params, body: { actions } })).status).toBe(413)
  })
})

test('a thousand rules are the most', async () => {
  const ayse = await newcomer()
  for (let i = 0; i < 1_000; i += 50)
    await Promise.all(Array.from({ length: 50 }, (_, j) => put(ayse, 'override', `${i + j}`, notify)))
  expect((await put(ayse, 'sender', '@one:more', notify)).status).toBe(413)
  expect((await put(ayse, 'override', '999', { actions: [] })).status).toBe(200)
})

test('clients are told: everything first, then what changes', async () => {
  const ayse = await newcomer()
  const told = async (since?: string) => {
    const { body } = await as(ayse)(sync, { query: since === undefined ? {} : { since } })
    const events = body.account_data?.events?.filter((event) => event.type === 'm.push_rules') ?? []
    return { next: body.next_batch!, contents: events.map((event) => event.content) }
  }
  const first = await told()
  expect(first.contents).toEqual([(await as(ayse)(api.getPushRules)).body])
  expect((await told(first.next)).contents).toEqual([])
  await put(ayse, 'override', 'quiet', { conditions: [], actions: [] })
  const second = await told(first.next)
  const all = (await as(ayse)(api.getPushRules)).body
  expect(second.contents).toEqual([all])
  expect((await told()).contents).toEqual([all])
  // A change that changes nothing is no news.
  await put(ayse, 'override', 'quiet', { conditions: [], actions: [] })
  expect((await told(second.next)).contents).toEqual([])
  const params = { userId: ayse.userId, type: 'm.push_rules' }
  expect((await as(ayse)(getAccountData, { params })).body).toEqual(all)
})

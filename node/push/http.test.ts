import { afterAll, beforeAll, expect, test } from 'vitest'
import { getGlobalPushRules, getPushRules } from '#spec/api/client/push-rules.ts'
import { identifyToken } from '#node/accounts/identify-token.ts'
import { lowerPasswordCost } from '#node/accounts/password.ts'
import { accounts } from '#node/accounts/slice.ts'
import { rooms } from '#node/rooms/slice.ts'
import { addPerson } from '#test/people.ts'
import { serveSlices, type ServedSlices } from '#test/serve-slices.ts'
import { push } from './slice.ts'

let node: ServedSlices
beforeAll(async () => {
  node = await serveSlices([accounts, rooms, push], {
    identifyToken,
    prepare: (deps) => lowerPasswordCost(deps),
    settings: { HEARTH_REGISTRATION: 'open' },
  })
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

test('everybody has the predefined rules, which speak of themselves', async () => {
  const { token, userId } = await addPerson(node, 'ayse')
  const { status, body } = await node.call(getPushRules, { token })
  expect(status).toBe(200)
  const { override = [], underride = [], ...rest } = body.global!
  expect(rest).toEqual({ content: [], room: [], sender: [] })
  expect(override[0]).toMatchObject({ rule_id: '.m.rule.master', enabled: false })
  const mention = override.find((rule) => rule.rule_id === '.m.rule.is_user_mention')
  expect(mention?.conditions).toEqual([
    { kind: 'event_property_contains', key: String.raw`content.m\.mentions.user_ids`, value: userId },
  ])
  expect(underride.map((rule) => rule.rule_id)).toContain('.m.rule.message')
  expect((await node.call(getGlobalPushRules, { token })).body).toEqual(body.global)
})

test('a stranger has none', async () => {
  expect((await node.call(getPushRules)).status).toBe(401)
})

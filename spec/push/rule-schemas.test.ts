import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { pushRuleBody, pushRuleKind } from '#spec/push/rule-schemas.ts'

const takes = (body: unknown): boolean => z.safeParse(pushRuleBody, body).success
const withAction = (action: unknown): boolean => takes({ actions: [action] })
const withCondition = (condition: unknown): boolean => takes({ actions: [], conditions: [condition] })

test('kinds', () => {
  expect(z.safeParse(pushRuleKind, 'underride').success).toBe(true)
  expect(z.safeParse(pushRuleKind, 'device').success).toBe(false)
  expect(z.safeParse(pushRuleKind, 'constructor').success).toBe(false)
})

test('actions', () => {
  expect(withAction('notify')).toBe(true)
  expect(withAction({ set_tweak: 'highlight' })).toBe(true)
  expect(withAction({ set_tweak: 'x.flash', value: { times: 3 } })).toBe(true)
  for (const wrong of ['shout', '', 5, null, [], {}, { value: 1 }, { set_tweak: 5 }])
    expect(withAction(wrong)).toBe(false)
  expect(takes({})).toBe(false)
  expect(takes({ actions: 'notify' })).toBe(false)
})

test('actions that do nothing are left out', () => {
  const body = z.parse(pushRuleBody, { actions: ['dont_notify', { set_tweak: 'highlight' }, 'coalesce', 'notify'] })
  expect(body).toEqual({ actions: [{ set_tweak: 'highlight' }, 'notify'] })
})

test('conditions have what their kind needs', () => {
  const [key, value] = ['content.a', null]
  const good = [
    { kind: 'event_match', key, pattern: '*' },
    { kind: 'event_property_is', key, value },
    { kind: 'event_property_contains', key, value: -1 },
    { kind: 'contains_display_name' },
    { kind: 'room_member_count', is: '>=10' },
    { kind: 'sender_notification_permission', key: 'room' },
    // Of kinds that are not known, nothing is known.
    { kind: 'org.example.moon_phase', full: true },
    { kind: 'constructor' },
  ]
  for (const condition of good)
    expect(z.parse(pushRuleBody, { actions: [], conditions: [condition] }).conditions).toEqual([condition])
  const bad = [
    {},
    null,
    'event_match',
    { kind: 5 },
    { kind: 'event_match', key },
    { kind: 'event_match', key: 5, pattern: '*' },
    { kind: 'event_property_is', key },
    { kind: 'event_property_is', key, value: 1.5 },
    { kind: 'event_property_contains', key, value: ['x'] },
    { kind: 'room_member_count', is: 2 },
    { kind: 'room_member_count', is: '>= 10' },
    { kind: 'sender_notification_permission' },
  ]
  for (const condition of bad) expect(withCondition(condition), JSON.stringify(condition)).toBe(false)
})

test('other fields are passed over', () => {
  expect(z.parse(pushRuleBody, { actions: [], pattern: 'x', scope: 'global' })).toEqual({ actions: [], pattern: 'x' })
})

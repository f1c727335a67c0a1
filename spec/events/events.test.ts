import { expect, test } from 'vitest'
import { eventTypeOf, eventTypes } from '#spec/events/all.ts'
import { readContent } from '#spec/events/event-type.ts'
import { roomMember } from '#spec/events/room-member.ts'
import { roomPowerLevels } from '#spec/events/room-power-levels.ts'

const room = '!Nhcu5BS-UMnFX7hBVfVSoXiD7OgH6iRT-xyIuqDnpYQ'
const event = '$Rqnc-F-dvnEYJTyHq_iKxU2bZ1CI92-kuZq3a5lr5Zg'
const user = '@ada:one.example'

/** By type: contents that are taken, contents that are not. */
const examples: Record<string, { good: unknown[]; bad: unknown[] }> = {
  'm.direct': { good: [{}, { [user]: [room] }], bad: [{ [user]: room }, []] },
  'm.fully_read': { good: [{ event_id: event }], bad: [{}, { event_id: 'x' }] },
  'm.ignored_user_list': {
    good: [{ ignored_users: { [user]: {} } }],
    bad: [{}, { ignored_users: [user] }, { ignored_users: { ada: {} } }],
  },
  'm.presence': {
    good: [{ presence: 'online', last_active_ago: 5 }],
    bad: [{ presence: 'busy' }, { presence: 'online', last_active_ago: -1 }],
  },
  'm.reaction': {
    good: [{ 'm.relates_to': { rel_type: 'm.annotation', event_id: event, key: '👍' } }],
    bad: [{}, { 'm.relates_to': { rel_type: 'm.thread', event_id: event, key: '👍' } }],
  },
  'm.receipt': {
    good: [{ [event]: { 'm.read': { [user]: { ts: 1, thread_id: 'main' } } } }],
    bad: [{ x: {} }, { [event]: { 'm.read': { ada: {} } } }],
  },
  'm.room.avatar': {
    good: [{}, { url: '' }, { url: 'mxc://one.example/abc', info: { w: 1 } }],
    bad: [{ url: 'https://one.example/a.png' }, { url: 'mxc://one.example/../x' }],
  },
  'm.room.canonical_alias': {
    good: [{}, { alias: null }, { alias: '' }, { alias: '#a:b', alt_aliases: ['#c:d'] }],
    bad: [{ alias: 'a' }, { alt_aliases: ['x'] }],
  },
  'm.room.create': {
    good: [{}, { room_version: '12', additional_creators: [user], predecessor: { room_id: room } }],
    bad: [{ room_version: 12 }, { additional_creators: ['ada'] }],
  },
  'm.room.encrypted': {
    good: [{ algorithm: 'm.megolm.v1.aes-sha2', ciphertext: 'abc', session_id: 's' }],
    bad: [{ algorithm: 'x' }],
  },
  'm.room.encryption': {
    good: [{ algorithm: 'm.megolm.v1.aes-sha2', rotation_period_ms: 5 }],
    bad: [{}, { algorithm: 'x', rotation_period_msgs: 1.5 }],
  },
  'm.room.guest_access': { good: [{ guest_access: 'can_join' }], bad: [{ guest_access: 'maybe' }] },
  'm.room.history_visibility': { good: [{ history_visibility: 'shared' }], bad: [{}, { history_visibility: 'all' }] },
  'm.room.join_rules': {
    good: [{ join_rule: 'restricted', allow: [{ type: 'm.room_membership', room_id: room }, { type: 'x' }] }],
    bad: [{ join_rule: 'open' }, { join_rule: 'public', allow: {} }],
  },
  'm.room.member': {
    good: [{ membership: 'join', displayname: null }],
    bad: [{}, { membership: 'gone' }, { membership: 'join', displayname: 5 }],
  },
  'm.room.message': {
    good: [
      { msgtype: 'm.text', body: '' },
      { msgtype: 'x', body: 'y', more: 1 },
    ],
    bad: [{ msgtype: 'm.text' }, { body: 'x' }, { msgtype: 'm.text', body: 5 }],
  },
  'm.room.name': { good: [{ name: '' }], bad: [{}, { name: null }] },
  'm.room.pinned_events': { good: [{ pinned: [] }, { pinned: [event] }], bad: [{ pinned: ['x'] }] },
  'm.room.power_levels': {
    good: [{}, { users: { [user]: -1 }, events: { 'm.room.name': 5 } }],
    bad: [{ ban: '50' }, { users: { ada: 1 } }, { events: { x: 1.5 } }, { kick: 2 ** 53 }],
  },
  'm.room.redaction': { good: [{}, { redacts: event, reason: 'x' }], bad: [{ redacts: 'x' }, { reason: 5 }] },
  'm.room.server_acl': {
    good: [{}, { allow: ['*'], deny: ['bad.example'], allow_ip_literals: false }],
    bad: [{ allow: '*' }],
  },
  'm.room.third_party_invite': {
    good: [{}, { display_name: 'z', key_validity_url: 'https://id.example', public_key: 'abc' }],
    bad: [{ public_keys: ['abc'] }],
  },
  'm.room.tombstone': {
    good: [{ body: 'moved', replacement_room: room }],
    bad: [{ body: 'moved' }, { body: 'moved', replacement_room: 'x' }],
  },
  'm.room.topic': {
    good: [{ topic: 'x' }, { topic: 'x', 'm.topic': { 'm.text': [{ body: 'x' }] } }],
    bad: [{}, { topic: 'x', 'm.topic': { 'm.text': [{}] } }],
  },
  'm.space.child': {
    good: [{}, { via: ['one.example'], order: 'a~', suggested: true }],
    bad: [{ via: 'one.example' }, { order: 'é' }, { order: 'a'.repeat(51) }],
  },
  'm.space.parent': { good: [{}, { via: ['one.example'], canonical: true }], bad: [{ canonical: 1 }] },
  'm.tag': { good: [{ tags: { 'm.favourite': { order: 0.5 }, 'u.x': {} } }], bad: [{}, { tags: [] }] },
  'm.typing': { good: [{ user_ids: [] }, { user_ids: [user] }], bad: [{}, { user_ids: ['ada'] }] },
}

test('every event type has examples, and its name once', () => {
  expect(eventTypes.map((declared) => declared.type).sort()).toEqual(Object.keys(examples).sort())
})

test.each(Object.entries(examples))('%s', (type, { good, bad }) => {
  const { content } = eventTypeOf(type)!
  for (const value of good) expect([value, content.safeParse(value).success]).toEqual([value, true])
  for (const value of [...bad, null, 1, undefined])
    expect([value, content.safeParse(value).success]).toEqual([value, false])
})

test('content is read whole, unknown fields included, or not at all', () => {
  expect(readContent(roomMember, { content: { membership: 'join', 'org.example': 1 } })).toEqual({
    membership: 'join',
    'org.example': 1,
  })
  expect(readContent(roomPowerLevels, { content: { ban: 'x' } })).toBeUndefined()
  expect(readContent(roomMember, undefined)).toBeUndefined()
})

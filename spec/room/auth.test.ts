import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { JsonObject } from '#spec/json.ts'
import { checkAuth, checkAuthEvents, creatorsOf, mayRedact, powerLevelOf } from '#spec/room/auth.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import { stateKeyOf } from '#spec/room/resolve/state-map.ts'
import { requireRoomVersion, roomVersionIds, ruleNumberIn } from '#spec/room/versions.ts'
import { judge, ruleThatRefuses, stateOf, type Decision, type DecisionRoom } from '#spec/vectors/auth-decision.ts'
import { expandEvent, type ShortEvent } from '#spec/vectors/short-event.ts'

interface NamedDecision extends Decision {
  readonly name: string
  readonly refused: string | null
}

const lines = readFileSync(new URL('../vectors/auth-v12.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
const room = JSON.parse(lines[0]!) as DecisionRoom
const decisions = lines.slice(1).map((line) => JSON.parse(line) as NamedDecision)
const v12 = requireRoomVersion('12')

test.each(decisions)('$refused $name', (decision) => {
  expect(judge(v12, room, decision)).toBe(decision.refused)
})

test('without a way to verify, third-party invites are refused', () => {
  const invite = decisions.find((decision) => decision.name === 'a third-party invite')!
  const state = stateOf(room, invite)
  const check = (): void =>
    checkAuth(v12, expandEvent(invite.event), (type, key) => state.get(stateKeyOf(type, key)), expandEvent(room.create))
  expect(ruleThatRefuses(check)).toBe('5.4.1.8')
})

test('hundreds of keys and signatures cost a bounded number of verifications', () => {
  const invite = decisions.find((decision) => decision.name === 'a third-party invite')!
  const pending = invite.state![0]!
  const keys = Array.from({ length: 300 }, () => ({ public_key: pending.content['public_key']! }))
  const state = stateOf(room, { state: [{ ...pending, content: { public_keys: keys } }] })
  const signed = {
    mxid: invite.event.state_key!,
    token: 'tok',
    signatures: { a: Object.fromEntries(keys.map((_, i) => [`ed25519:${i}`, 'A'.repeat(86)])) },
  }
  const event = {
    ...invite.event,
    content: { membership: 'invite', third_party_invite: { signed } } as unknown as JsonObject,
  }
  let verified = 0
  const crypto = { verify: () => ++verified < 0 }
  const check = (): void =>
    checkAuth(
      v12,
      expandEvent(event),
      (type, key) => state.get(stateKeyOf(type, key)),
      expandEvent(room.create),
      crypto,
    )
  expect(ruleThatRefuses(check)).toBe('5.4.1.8')
  expect(verified).toBe(64)
})

test.each([
  ['6', '5.3.3', '4.2.3'],
  ['6', '5.3.7', '4.2.6'],
  ['6', '5.8', '4.6'],
  ['7', '5.7.4', '4.6.4'],
  ['7', '5.8', '4.7'],
  ['7', '10.9.1', '9.6.1'],
  ['8', '5.2.1', '4.2.1'],
  ['8', '5.3.5.2', '4.3.5.2'],
  ['9', '10.3', '9.1'],
  ['9', '10.10.1', '9.7.1'],
  ['10', '10.1', '9.1'],
  ['11', '10.10.1', '9.9.1'],
  ['11', '3.4', '2.4'],
  ['11', '1.3', '1.3'],
  ['11', '8', '7'],
  ['12', '10.10.1', '10.10.1'],
])('in version %s rule %s of version 12 is %s', (id, ofVersion12, here) => {
  expect(ruleNumberIn(requireRoomVersion(id), ofVersion12)).toBe(here)
})

const old = {
  type: 'm.room.create',
  sender: '@a:one.example',
  state_key: '',
  event_id: '$create',
  room_id: '!r:one.example',
  prev_events: [],
}
const createIn = (id: string): RoomEvent =>
  expandEvent({ ...old, content: { creator: '@a:one.example', room_version: id } })
const inOld = (short: ShortEvent): RoomEvent => expandEvent({ room_id: '!r:one.example', ...short })
const judgeIn = (id: string, event: RoomEvent, state: readonly RoomEvent[]): string | null => {
  const find = (type: string, key: string): RoomEvent | undefined =>
    state.find((candidate) => candidate.type === type && candidate.state_key === key)
  return ruleThatRefuses(() => checkAuth(requireRoomVersion(id), event, find, createIn(id)))
}
const join = (user: string): RoomEvent =>
  inOld({ type: 'm.room.member', sender: user, state_key: user, content: { membership: 'join' } })
test('until version 11 the creator has 100 where there are no power levels, and may stand in them', () => {
  const create = createIn('11')
  expect(powerLevelOf(requireRoomVersion('11'), '@a:one.example', undefined, create)).toBe(100)
  expect(powerLevelOf(requireRoomVersion('11'), '@b:one.example', undefined, create)).toBe(0)
  expect(powerLevelOf(v12, '@a:one.example', undefined, create)).toBe(Infinity)
  const levels = inOld({
    type: 'm.room.power_levels',
    sender: '@a:one.example',
    state_key: '',
    content: { users: { '@a:one.example': 7 } },
  })
  expect(powerLevelOf(requireRoomVersion('11'), '@a:one.example', levels, create)).toBe(7)
  expect(judgeIn('11', levels, [join('@a:one.example')])).toBe(null)
  expect(creatorsOf(v12, create)).toEqual(['@a:one.example'])
})

test('until version 9 levels may be texts that hold an integer', () => {
  const levels = (level: string): RoomEvent =>
    inOld({
      type: 'm.room.power_levels',
      sender: '@a:one.example',
      state_key: '',
      content: { users: { '@b:b': level } },
    })
  for (const id of roomVersionIds.slice(0, 4)) {
    const read = (level: string): number => powerLevelOf(requireRoomVersion(id), '@b:b', levels(level), createIn(id))
    expect([' +0100 ', '-5', '1.5', 'x', ''].map(read)).toEqual([100, -5, 0, 0, 0])
    expect(judgeIn(id, levels('100'), [join('@a:one.example')])).toBe(null)
    expect(judgeIn(id, levels('1.5'), [join('@a:one.example')])).toBe('9.1')
  }
  expect(judgeIn('10', levels('100'), [join('@a:one.example')])).toBe('9.3')
})

test('a create event of an old version names its creator and is of its sender’s server', () => {
  const without = expandEvent({ ...old, content: { room_version: '10' } })
  expect(judgeIn('10', without, [])).toBe('1.4')
  expect(judgeIn('11', without, [])).toBe(null)
  expect(judgeIn('10', { ...createIn('10'), room_id: '!r:two.example' as RoomEvent['room_id'] }, [])).toBe('1.2')
  expect(ruleThatRefuses(() => checkAuthEvents(requireRoomVersion('11'), join('@z:b'), []))).toBe('2.4')
  expect(ruleThatRefuses(() => checkAuthEvents(requireRoomVersion('11'), join('@z:b'), [createIn('11')]))).toBe(null)
})

test('a redaction takes effect by level or for the own server', () => {
  const state = stateOf(room, {})
  const by = (sender: string, target: string, more: Partial<ShortEvent> = {}): boolean => {
    const redaction = expandEvent({ type: 'm.room.redaction', sender, content: { redacts: '$x' } })
    const redacted = expandEvent({ type: 'm.room.message', sender: target, content: {}, ...more })
    return mayRedact(
      v12,
      redaction,
      redacted,
      (type, key) => state.get(stateKeyOf(type, key)),
      expandEvent(room.create),
    )
  }
  expect(by('@bob:two.example', '@carol:two.example')).toBe(true)
  expect(by('@bob:two.example', '@alice:one.example')).toBe(false)
  expect(by('@mod:one.example', '@bob:two.example')).toBe(true)
  expect(by('@alice:one.example', '@bob:two.example')).toBe(true)
  expect(by('@alice:one.example', '@bob:two.example', { room_id: '!other' })).toBe(false)
})

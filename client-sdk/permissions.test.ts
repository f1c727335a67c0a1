import { expect, test } from 'vitest'
import type { JsonObject } from '#spec/json.ts'
import { levelsOf, permissionsOf, type Permissions } from './permissions.ts'
import type { Membership, StateRow } from './store/store.ts'
import { bob, eve, kitchen, me } from './testing/fake-node.ts'

const state = (type: string, content: JsonObject, sender = bob): StateRow => ({
  roomId: kitchen,
  type,
  stateKey: '',
  sender,
  content,
})
const may = (create: JsonObject, powerLevels?: JsonObject, membership: Membership = 'join'): Permissions => {
  const levels = levelsOf({
    create: state('m.room.create', create),
    powerLevels: powerLevels && state('m.room.power_levels', powerLevels),
    version: create['room_version'] as string,
  })
  return permissionsOf(levels, me, membership)
}

test('without power levels the creator may everything, and members may write and set state', () => {
  const member = may({ room_version: '11' })
  expect([member.invite, member.send('m.room.message'), member.setState('m.room.name')]).toEqual([true, true, true])
  expect([member.kick(eve), member.ban(eve), member.redact(eve)]).toEqual([false, false, false])
})

test('levels of the room count, defaults where it says nothing', () => {
  const levels = { users: { [me]: 50, [eve]: 0, [bob]: 100 }, events: { 'm.room.name': 60 }, invite: 51 }
  const mine = may({ room_version: '11' }, levels)
  expect([mine.kick(eve), mine.kick(bob), mine.ban(eve), mine.unban(eve)]).toEqual([true, false, true, true])
  expect([mine.invite, mine.setState('m.room.topic'), mine.setState('m.room.name')]).toEqual([false, true, false])
  expect([mine.redact(bob), mine.send('m.room.message')]).toEqual([true, true])
})

test('nobody removes an equal', () => {
  const equals = may({ room_version: '11' }, { users: { [me]: 50, [eve]: 50 } })
  expect([equals.kick(eve), equals.ban(eve)]).toEqual([false, false])
})

test('own messages may be redacted as long as redactions may be sent', () => {
  const plain = { users: {}, events: {} }
  expect([may({ room_version: '11' }, plain).redact(me), may({ room_version: '11' }, plain).redact(eve)]).toEqual([
    true,
    false,
  ])
  expect(may({ room_version: '11' }, { events: { 'm.room.redaction': 10 } }).redact(me)).toBe(false)
})

test('from version 12 on creators stand above all levels', () => {
  const mine = may({ room_version: '12', additional_creators: [me] }, { users: { [eve]: 100 }, state_default: 100 })
  expect([mine.kick(eve), mine.setState('m.room.name'), mine.kick(bob)]).toEqual([true, true, false])
  const before = may({ room_version: '11', additional_creators: [me] }, { users: { [eve]: 100 } })
  expect(before.kick(eve)).toBe(false)
})

test('from outside nothing is possible', () => {
  const outside = may({ room_version: '11' }, { users: { [me]: 100 } }, 'leave')
  expect([outside.invite, outside.kick(eve), outside.send('m.room.message'), outside.redact(me)]).toEqual([
    false,
    false,
    false,
    false,
  ])
})

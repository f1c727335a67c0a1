import type { Json } from '#spec/json.ts'
import {
  actionLevel,
  allow,
  alterations,
  domainOf,
  givenLevel,
  has,
  isObject,
  isSignedByKeyOf,
  isSignedByServerOf,
  isUserId,
  joinRuleOf,
  membershipOf,
  propertyOf,
  readIntegerOrText,
  reject,
  requiredLevel,
  type InRoom,
  type Question,
  type Rules,
  type Verdict,
} from './terms.ts'

/*
 * Room versions 8 and 9, "Authorisation rules": the list as it stands there, from top to bottom, every rule in its place. Written to be
 * compared with the text and with nothing else.
 */

const knownVersions = ['6', '7', '8', '9', '10', '11', '12']
const fields = ['users_default', 'events_default', 'state_default', 'ban', 'redact', 'kick', 'invite']

function judge(question: Question): Verdict {
  const { event, create } = question
  // 1.
  if (event.type === 'm.room.create') return judgeCreate(question)
  // 2. is objectToCited, but without these two there is nothing to go on.
  if (create === undefined) return reject('2.4')
  if (create.room_id !== event.room_id) return reject('2.5')
  // 3.
  if (create.content['m.federate'] === false && domainOf(event.sender) !== domainOf(create.sender)) return reject('3')
  return judgeInRoom({ ...question, create })
}

function judgeCreate({ event }: Question): Verdict {
  // 1.1.
  if (event.prev_events.length > 0) return reject('1.1')
  // 1.2.
  if (domainOf(event.room_id) !== domainOf(event.sender)) return reject('1.2')
  // 1.3.
  if (has(event.content, 'room_version') && !(knownVersions as Json[]).includes(event.content['room_version']!))
    return reject('1.3')
  // 1.4.
  if (!has(event.content, 'creator')) return reject('1.4')
  // 1.5.
  return allow('1.5')
}

function objectToCited({ event, cited, rejected }: Question): Verdict | undefined {
  if (event.type === 'm.room.create') return undefined
  // 2.1.
  for (const [i, one] of cited.entries())
    for (const other of cited.slice(i + 1))
      if (one.type === other.type && one.state_key === other.state_key) return reject('2.1')
  // 2.2.
  for (const one of cited) if (!isSelected(event, one.type, one.state_key)) return reject('2.2')
  // 2.3.
  for (const one of cited) if (rejected.has(one.event_id)) return reject('2.3')
  // 2.4.
  if (!cited.some((one) => one.type === 'm.room.create')) return reject('2.4')
  // 2.5.
  for (const one of cited) if (one.room_id !== event.room_id) return reject('2.5')
  return undefined
}

/** Server-Server API, "Auth events selection". The create event is selected in this version. */
function isSelected(event: Question['event'], type: string, stateKey: string | undefined): boolean {
  const { content } = event
  if (type === 'm.room.create' && stateKey === '') return true
  if (type === 'm.room.power_levels' && stateKey === '') return true
  if (type === 'm.room.member' && stateKey === event.sender) return true
  if (event.type !== 'm.room.member' || stateKey === undefined) return false
  if (type === 'm.room.member' && stateKey === event.state_key) return true
  const membership = propertyOf(content, 'membership')
  if (type === 'm.room.join_rules' && stateKey === '')
    return membership === 'join' || membership === 'invite' || membership === 'knock'
  if (type === 'm.room.third_party_invite') {
    const signed = propertyOf(propertyOf(content, 'third_party_invite'), 'signed')
    return membership === 'invite' && stateKey === propertyOf(signed, 'token')
  }
  if (type === 'm.room.member')
    return membership === 'join' && stateKey === propertyOf(content, 'join_authorised_via_users_server')
  return false
}

function judgeInRoom(question: InRoom): Verdict {
  const { event } = question
  // 4.
  if (event.type === 'm.room.member') return judgeMember(question)
  // 5.
  if (membershipOf(question, event.sender) !== 'join') return reject('5')
  // 6.
  if (event.type === 'm.room.third_party_invite') {
    // 6.1.
    if (levelOf(question, event.sender) >= actionLevel(question, 'invite', readIntegerOrText)) return allow('6.1')
    return reject('6.1')
  }
  // 7.
  if (requiredLevel(question, readIntegerOrText) > levelOf(question, event.sender)) return reject('7')
  // 8.
  if (event.state_key !== undefined && event.state_key.startsWith('@') && event.state_key !== event.sender)
    return reject('8')
  // 9.
  if (event.type === 'm.room.power_levels') return judgePowerLevels(question)
  // 10.
  return allow('10')
}

/** The creator is who the create event says it is. */
const creatorOf = ({ create }: InRoom): Json | undefined => propertyOf(create.content, 'creator')

function levelOf(question: InRoom, user: string): number {
  const powerLevels = question.state('m.room.power_levels', '')
  if (powerLevels === undefined) return user === creatorOf(question) ? 100 : 0
  return givenLevel(powerLevels, user, readIntegerOrText)
}

function judgeMember(question: InRoom): Verdict {
  const { event } = question
  const { content, state_key: target } = event
  // 4.1.
  if (target === undefined) return reject('4.1')
  if (!has(content, 'membership')) return reject('4.1')
  // 4.2.
  if (has(content, 'join_authorised_via_users_server')) {
    // 4.2.1.
    if (!isSignedByServerOf(event, content['join_authorised_via_users_server'])) return reject('4.2.1')
  }
  // 4.3.
  if (content['membership'] === 'join') return judgeJoin(question, target)
  // 4.4.
  if (content['membership'] === 'invite') return judgeInvite(question, target)
  // 4.5.
  if (content['membership'] === 'leave') return judgeLeave(question, target)
  // 4.6.
  if (content['membership'] === 'ban') return judgeBan(question, target)
  // 4.7.
  if (content['membership'] === 'knock') return judgeKnock(question, target)
  // 4.8.
  return reject('4.8')
}

function judgeJoin(question: InRoom, target: string): Verdict {
  const { event, create } = question
  const membership = membershipOf(question, target)
  const joinRule = joinRuleOf(question)
  // 4.3.1.
  if (event.prev_events.length === 1 && event.prev_events[0] === create.event_id && target === creatorOf(question))
    return allow('4.3.1')
  // 4.3.2.
  if (event.sender !== target) return reject('4.3.2')
  // 4.3.3.
  if (membershipOf(question, event.sender) === 'ban') return reject('4.3.3')
  // 4.3.4.
  if (joinRule === 'invite' || joinRule === 'knock')
    if (membership === 'invite' || membership === 'join') return allow('4.3.4')
  // 4.3.5.
  if (joinRule === 'restricted') {
    // 4.3.5.1.
    if (membership === 'join' || membership === 'invite') return allow('4.3.5.1')
    // 4.3.5.2.
    const authoriser = propertyOf(event.content, 'join_authorised_via_users_server')
    if (typeof authoriser !== 'string') return reject('4.3.5.2')
    if (levelOf(question, authoriser) < actionLevel(question, 'invite', readIntegerOrText)) return reject('4.3.5.2')
    if (membershipOf(question, authoriser) !== 'join') return reject('4.3.5.2')
    // 4.3.5.3.
    return allow('4.3.5.3')
  }
  // 4.3.6.
  if (joinRule === 'public') return allow('4.3.6')
  // 4.3.7.
  return reject('4.3.7')
}

function judgeInvite(question: InRoom, target: string): Verdict {
  const { event } = question
  // 4.4.1.
  if (has(event.content, 'third_party_invite')) return judgeThirdPartyInvite(question, target)
  // 4.4.2.
  if (membershipOf(question, event.sender) !== 'join') return reject('4.4.2')
  // 4.4.3.
  if (membershipOf(question, target) === 'join' || membershipOf(question, target) === 'ban') return reject('4.4.3')
  // 4.4.4.
  if (levelOf(question, event.sender) >= actionLevel(question, 'invite', readIntegerOrText)) return allow('4.4.4')
  // 4.4.5.
  return reject('4.4.5')
}

function judgeThirdPartyInvite(question: InRoom, target: string): Verdict {
  const { event, state, verify } = question
  // 4.4.1.1.
  if (membershipOf(question, target) === 'ban') return reject('4.4.1.1')
  // 4.4.1.2.
  const invite = event.content['third_party_invite']
  if (!has(invite, 'signed')) return reject('4.4.1.2')
  // 4.4.1.3.
  const { signed } = invite
  if (!has(signed, 'mxid') || !has(signed, 'token')) return reject('4.4.1.3')
  // 4.4.1.4.
  if (signed['mxid'] !== event.state_key) return reject('4.4.1.4')
  // 4.4.1.5.
  if (typeof signed['token'] !== 'string') return reject('4.4.1.5')
  const pending = state('m.room.third_party_invite', signed['token'])
  if (pending === undefined) return reject('4.4.1.5')
  // 4.4.1.6.
  if (event.sender !== pending.sender) return reject('4.4.1.6')
  // 4.4.1.7.
  if (isSignedByKeyOf(pending, signed, verify)) return allow('4.4.1.7')
  // 4.4.1.8.
  return reject('4.4.1.8')
}

function judgeLeave(question: InRoom, target: string): Verdict {
  const { event } = question
  const membership = membershipOf(question, target)
  // 4.5.1.
  if (event.sender === target) {
    if (membership === 'invite' || membership === 'join' || membership === 'knock') return allow('4.5.1')
    return reject('4.5.1')
  }
  // 4.5.2.
  if (membershipOf(question, event.sender) !== 'join') return reject('4.5.2')
  const own = levelOf(question, event.sender)
  // 4.5.3.
  if (membership === 'ban' && own < actionLevel(question, 'ban', readIntegerOrText)) return reject('4.5.3')
  // 4.5.4.
  if (own >= actionLevel(question, 'kick', readIntegerOrText) && levelOf(question, target) < own) return allow('4.5.4')
  // 4.5.5.
  return reject('4.5.5')
}

function judgeBan(question: InRoom, target: string): Verdict {
  const { event } = question
  // 4.6.1.
  if (membershipOf(question, event.sender) !== 'join') return reject('4.6.1')
  const own = levelOf(question, event.sender)
  // 4.6.2.
  if (own >= actionLevel(question, 'ban', readIntegerOrText) && levelOf(question, target) < own) return allow('4.6.2')
  // 4.6.3.
  return reject('4.6.3')
}

function judgeKnock(question: InRoom, target: string): Verdict {
  const { event } = question
  const joinRule = joinRuleOf(question)
  // 4.7.1.
  if (joinRule !== 'knock') return reject('4.7.1')
  // 4.7.2.
  if (event.sender !== target) return reject('4.7.2')
  // 4.7.3.
  const membership = membershipOf(question, event.sender)
  if (membership !== 'ban' && membership !== 'invite' && membership !== 'join') return allow('4.7.3')
  // 4.7.4.
  return reject('4.7.4')
}

function judgePowerLevels(question: InRoom): Verdict {
  const { content } = question.event
  if (has(content, 'users')) {
    // 9.1.
    const { users } = content
    if (!isObject(users)) return reject('9.1')
    for (const user of Object.keys(users))
      if (!isUserId(user) || readIntegerOrText(users[user]) === undefined) return reject('9.1')
  }
  // 9.2.
  const current = question.state('m.room.power_levels', '')
  if (current === undefined) return allow('9.2')
  return judgeAlterations(question, current.content)
}

function judgeAlterations(question: InRoom, current: InRoom['event']['content']): Verdict {
  const { sender, content } = question.event
  const own = levelOf(question, sender)
  // 9.3.
  for (const field of fields) {
    const before = readIntegerOrText(propertyOf(current, field))
    const after = readIntegerOrText(propertyOf(content, field))
    if (before === after) continue
    // 9.3.1.
    if (before !== undefined && before > own) return reject('9.3.1')
    // 9.3.2.
    if (after !== undefined && after > own) return reject('9.3.2')
  }
  const entries = ['events', 'notifications'].flatMap((field) =>
    alterations(propertyOf(current, field), propertyOf(content, field), readIntegerOrText),
  )
  // 9.4.
  for (const entry of entries) {
    // 9.4.1.
    if (entry.current !== undefined && entry.current > own) return reject('9.4.1')
  }
  // 9.5.
  for (const entry of entries) {
    // 9.5.1.
    if (entry.next !== undefined && entry.next > own) return reject('9.5.1')
  }
  const users = alterations(propertyOf(current, 'users'), propertyOf(content, 'users'), readIntegerOrText)
  // 9.6.
  for (const entry of users) {
    if (entry.key === sender) continue
    // 9.6.1.
    if (entry.current !== undefined && entry.current >= own) return reject('9.6.1')
  }
  // 9.7.
  for (const entry of users) {
    // 9.7.1.
    if (entry.next !== undefined && entry.next > own) return reject('9.7.1')
  }
  // 9.8.
  return allow('9.8')
}

export const rulesOfVersions8And9: Rules = { judge, objectToCited }

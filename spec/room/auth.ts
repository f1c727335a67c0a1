import { isUserId, serverOf, type EventId, type UserId } from '#spec/ids.ts'
import { isJsonObject, type Json, type JsonObject } from '#spec/json.ts'
import { decodePublicKey, signaturesOf, verifyJson, type Crypto } from '#spec/sign.ts'
import { asLevel, joinRuleOf, levelIn, member, membershipOf, stringIn } from './content.ts'
import type { RoomEvent } from './event.ts'
import { authNeeds } from './needs.ts'
import { roomVersion, ruleNumberIn, type RoomVersion } from './versions.ts'

/*
 * The authorisation rules. Room version 12, "Authorisation rules"; the flags of versions.ts make them those of 6 to 11.
 *
 * Numbers in comments and in `refuse` are those of version 12 as its text writes them (the list jumps from 3.3 to 3.5, and its last
 * 10.10 is counted as 10.11 here). An AuthFailure carries the number that the rule has in the list of the event's own room version.
 *
 * NOTE: rule 5.2.1 and the signature of the sender's server need keys of other servers. What is signed correctly is found out before
 * (signatures.ts); here a signature of the server must be there.
 */

/** A rule refused the event. */
export class AuthFailure extends Error {
  override readonly name = 'AuthFailure'
  /** The number of the rule in the list of the event's room version: `5.3.3`. */
  readonly rule: string

  constructor(rule: string, message: string) {
    super(message)
    this.rule = rule
  }
}

/** Room state by type and state key. */
export type StateLookup = (type: string, stateKey: string) => RoomEvent | undefined

/** What the rules look at. */
interface Case {
  readonly version: RoomVersion
  readonly event: RoomEvent
  readonly state: StateLookup
  readonly create: RoomEvent
  readonly crypto: Pick<Crypto, 'verify'> | undefined
}

function refuse(version: RoomVersion, rule: string, message: string): never {
  throw new AuthFailure(ruleNumberIn(version, rule), message)
}

/**
 * Judges an event against room state, by every rule but those on `auth_events` (see `checkAuthEvents`).
 *
 * `create` is the accepted create event of the room, undefined if there is none; for a create event itself it is not looked at.
 * `crypto` verifies third-party invites; without it they are refused.
 * Throws AuthFailure.
 */
export function checkAuth(
  version: RoomVersion,
  event: RoomEvent,
  state: StateLookup,
  create: RoomEvent | undefined,
  crypto?: Pick<Crypto, 'verify'>,
): void {
  // 1.
  if (event.type === 'm.room.create') return checkCreate(version, event)
  // 2. Before version 12 the create event is among the auth events, which is rule 2.4 there.
  if (create === undefined)
    refuse(version, version.roomIdIsCreateHash ? '2' : '3.4', 'The room has no accepted create event')
  if (create.room_id !== event.room_id)
    refuse(version, version.roomIdIsCreateHash ? '2' : '3.5', 'The create event is of another room')
  // 3. is checkAuthEvents.
  // 4.
  if (create.content['m.federate'] === false && serverOf(event.sender) !== serverOf(create.sender))
    refuse(version, '4', 'The room does not federate')
  const judged: Case = { version, event, state, create, crypto }
  // 5.
  if (event.type === 'm.room.member') return checkMember(judged)
  // 6.
  if (membershipIn(judged, event.sender) !== 'join') refuse(version, '6', 'The sender is not in the room')
  const senderLevel = levelOf(judged, event.sender)
  // 7.
  if (event.type === 'm.room.third_party_invite') {
    if (senderLevel < actionLevel(judged, 'invite')) refuse(version, '7.1', 'The sender may not invite')
    return
  }
  // 8.
  if (requiredLevel(judged) > senderLevel) refuse(version, '8', `The sender may not send ${event.type.slice(0, 64)}`)
  // 9.
  if (event.state_key?.startsWith('@') && event.state_key !== event.sender)
    refuse(version, '9', "The state key is another user's id")
  // 10.
  if (event.type === 'm.room.power_levels') checkPowerLevels(judged, senderLevel)
  // 11. Otherwise, allow.
}

/**
 * Rule 3: what an event may cite. `authEvents` are the events of its `auth_events`, in any order, duplicates included.
 * Throws AuthFailure.
 */
export function checkAuthEvents(
  version: RoomVersion,
  event: RoomEvent,
  authEvents: readonly RoomEvent[],
  isRejected: (id: EventId) => boolean = () => false,
): void {
  if (event.type === 'm.room.create') return
  const needs = authNeeds(version, event)
  const seen = new Set<string>()
  for (const { type, state_key } of authEvents) {
    // What has no state key is not the state under the empty one.
    const key = state_key === undefined ? type : `${type}\u0000${state_key}`
    // 3.1.
    if (seen.has(key)) refuse(version, '3.1', `auth_events has ${type.slice(0, 64)} twice`)
    seen.add(key)
  }
  // 3.2.
  const isNeeded = (cited: RoomEvent): boolean =>
    needs.some(([type, key]) => type === cited.type && key === cited.state_key)
  if (!authEvents.every(isNeeded)) refuse(version, '3.2', 'auth_events has an event that it should not have')
  // 3.3.
  if (authEvents.some((cited) => isRejected(cited.event_id))) refuse(version, '3.3', 'auth_events has a rejected event')
  // 3.4 until version 11.
  if (!version.roomIdIsCreateHash && !authEvents.some((cited) => cited.type === 'm.room.create'))
    refuse(version, '3.4', 'auth_events has no create event')
  // 3.5.
  if (authEvents.some((cited) => cited.room_id !== event.room_id))
    refuse(version, '3.5', 'auth_events has an event of another room')
}

/** 1. */
function checkCreate(version: RoomVersion, event: RoomEvent): void {
  const { content } = event
  // 1.1.
  if (event.prev_events.length > 0) refuse(version, '1.1', 'A create event has no prev_events')
  // 1.2.
  if (version.roomIdIsCreateHash) {
    if (event.room_id.slice(1) !== event.event_id.slice(1))
      refuse(version, '1.2', 'The room id is not the hash of the create event')
  } else if (event.room_id.slice(event.room_id.indexOf(':') + 1) !== serverOf(event.sender))
    refuse(version, '1.2', "The room id is of another server than the sender's")
  // 1.3.
  const named = member(content, 'room_version')
  if (named !== undefined && (typeof named !== 'string' || !roomVersion(named)))
    refuse(version, '1.3', 'The room version is not known')
  // 1.4.
  const creators = member(content, 'additional_creators')
  if (version.privilegedCreators && creators !== undefined && !(Array.isArray(creators) && creators.every(isUserId)))
    refuse(version, '1.4', 'additional_creators is not a list of user ids')
  if (version.creatorInContent && !Object.hasOwn(content, 'creator'))
    refuse(version, '1.4', 'The create event names no creator')
  // 1.5. Otherwise, allow.
}

/** 5. */
function checkMember(judged: Case): void {
  const { version, event } = judged
  const target = event.state_key
  // 5.1.
  if (target === undefined || !Object.hasOwn(event.content, 'membership'))
    refuse(version, '5.1', 'A member event needs a state key and a membership')
  // 5.2.
  if (version.restrictedJoins) checkAuthorisingServer(judged)
  switch (event.content['membership']) {
    case 'join':
      return checkJoin(judged, target)
    case 'invite':
      return checkInvite(judged, target)
    case 'leave':
      return checkLeave(judged, target)
    case 'ban':
      return checkBan(judged, target)
    case 'knock':
      if (version.knocking) return checkKnock(judged, target)
  }
  // 5.8.
  refuse(version, '5.8', 'The membership is not known')
}

/** 5.2. */
function checkAuthorisingServer({ version, event }: Case): void {
  const user = member(event.content, 'join_authorised_via_users_server')
  if (user === undefined) return
  // 5.2.1.
  if (!isUserId(user) || !Object.hasOwn(event.signatures, serverOf(user)))
    refuse(version, '5.2.1', 'The server that authorised the join did not sign')
}

/** 5.3. */
function checkJoin(judged: Case, target: string): void {
  const { version, event, create, state } = judged
  // 5.3.1.
  if (
    target === creatorOf(version, create) &&
    event.prev_events.length === 1 &&
    event.prev_events[0] === create.event_id
  )
    return
  // 5.3.2.
  if (event.sender !== target) refuse(version, '5.3.2', 'Nobody can join for somebody else')
  const membership = membershipIn(judged, target)
  // 5.3.3.
  if (membership === 'ban') refuse(version, '5.3.3', 'The user is banned from the room')
  const isExpected = membership === 'invite' || membership === 'join'
  const rules = state('m.room.join_rules', '')
  // Where the texts are silent: a room without join rules is by invitation.
  const joinRule = rules === undefined ? 'invite' : joinRuleOf(rules)
  // 5.3.4.
  if ((joinRule === 'invite' || (joinRule === 'knock' && version.knocking)) && isExpected) return
  // 5.3.5.
  if (isRestricted(version, joinRule)) {
    // 5.3.5.1.
    if (isExpected) return
    // 5.3.5.2.
    if (!isAuthorisedToInvite(judged, member(event.content, 'join_authorised_via_users_server')))
      refuse(version, '5.3.5.2', 'Nobody who may invite authorised the join')
    // 5.3.5.3.
    return
  }
  // 5.3.6.
  if (joinRule === 'public') return
  // 5.3.7.
  refuse(version, '5.3.7', 'The room is joined by invitation')
}

const isRestricted = (version: RoomVersion, joinRule: string | undefined): boolean =>
  (joinRule === 'restricted' && version.restrictedJoins) ||
  (joinRule === 'knock_restricted' && version.knockRestrictedJoins)

const isAuthorisedToInvite = (judged: Case, user: Json | undefined): boolean =>
  isUserId(user) && membershipIn(judged, user) === 'join' && levelOf(judged, user) >= actionLevel(judged, 'invite')

/** 5.4. */
function checkInvite(judged: Case, target: string): void {
  const { version, event } = judged
  // 5.4.1.
  if (Object.hasOwn(event.content, 'third_party_invite')) return checkThirdPartyInvite(judged, target)
  // 5.4.2.
  if (membershipIn(judged, event.sender) !== 'join') refuse(version, '5.4.2', 'The sender is not in the room')
  // 5.4.3.
  const membership = membershipIn(judged, target)
  if (membership === 'join') refuse(version, '5.4.3', 'The user is in the room already')
  if (membership === 'ban') refuse(version, '5.4.3', 'The user is banned from the room')
  // 5.4.4.
  if (levelOf(judged, event.sender) >= actionLevel(judged, 'invite')) return
  // 5.4.5.
  refuse(version, '5.4.5', 'The sender may not invite')
}

/** 5.4.1. */
function checkThirdPartyInvite(judged: Case, target: string): void {
  const { version, event, state, crypto } = judged
  // 5.4.1.1.
  if (membershipIn(judged, target) === 'ban') refuse(version, '5.4.1.1', 'The user is banned from the room')
  // 5.4.1.2.
  const invite = member(event.content, 'third_party_invite')
  const signed = isJsonObject(invite) ? member(invite, 'signed') : undefined
  if (signed === undefined) refuse(version, '5.4.1.2', 'The third-party invite is not signed')
  // 5.4.1.3.
  if (!isJsonObject(signed) || !Object.hasOwn(signed, 'mxid') || !Object.hasOwn(signed, 'token'))
    refuse(version, '5.4.1.3', 'The third-party invite has no mxid or no token')
  // 5.4.1.4.
  if (signed['mxid'] !== target) refuse(version, '5.4.1.4', 'The third-party invite is for another user')
  // 5.4.1.5.
  const { token } = signed
  const pending = typeof token === 'string' ? state('m.room.third_party_invite', token) : undefined
  if (pending === undefined) refuse(version, '5.4.1.5', 'No third-party invite with this token is pending')
  // 5.4.1.6.
  if (event.sender !== pending.sender) refuse(version, '5.4.1.6', 'The third-party invite was sent by another user')
  // 5.4.1.7.
  if (crypto !== undefined && isSignedByAny(signed, publicKeysOf(pending.content), crypto)) return
  // 5.4.1.8.
  refuse(version, '5.4.1.8', 'No key of the third-party invite signed')
}

/** 5.4.1.7.1, 5.4.1.7.2. */
function publicKeysOf(content: JsonObject): Uint8Array[] {
  const list = member(content, 'public_keys')
  const listed = Array.isArray(list) ? list.map((entry) => (isJsonObject(entry) ? entry['public_key'] : undefined)) : []
  return [member(content, 'public_key'), ...listed].map(decodePublicKey).filter((key) => key !== undefined)
}

/** How many pairs of signature and key are tried: an event has room for some hundred of each, and none in use has more than a few. */
const maxInviteVerifications = 64

function isSignedByAny(signed: JsonObject, keys: readonly Uint8Array[], crypto: Pick<Crypto, 'verify'>): boolean {
  const signatures = Object.entries(signaturesOf(signed))
  const names = signatures.flatMap(([server, byKey]) => Object.keys(byKey).map((keyId) => ({ server, keyId })))
  const pairs = names.flatMap((name) => keys.map((key) => ({ ...name, key })))
  return pairs
    .slice(0, maxInviteVerifications)
    .some(({ server, keyId, key }) => verifyJson(signed, server, keyId, key, crypto))
}

/** 5.5. */
function checkLeave(judged: Case, target: string): void {
  const { version, event } = judged
  const targetMembership = membershipIn(judged, target)
  // 5.5.1.
  if (event.sender === target) {
    const mayLeave =
      targetMembership === 'invite' || targetMembership === 'join' || (targetMembership === 'knock' && version.knocking)
    if (!mayLeave) refuse(version, '5.5.1', 'The user is not in the room')
    return
  }
  // 5.5.2.
  if (membershipIn(judged, event.sender) !== 'join') refuse(version, '5.5.2', 'The sender is not in the room')
  const senderLevel = levelOf(judged, event.sender)
  // 5.5.3.
  if (targetMembership === 'ban' && senderLevel < actionLevel(judged, 'ban'))
    refuse(version, '5.5.3', 'The sender may not unban')
  // 5.5.4.
  if (senderLevel >= actionLevel(judged, 'kick') && levelOf(judged, target) < senderLevel) return
  // 5.5.5.
  refuse(version, '5.5.5', 'The sender may not remove this user')
}

/** 5.6. */
function checkBan(judged: Case, target: string): void {
  const { version, event } = judged
  // 5.6.1.
  if (membershipIn(judged, event.sender) !== 'join') refuse(version, '5.6.1', 'The sender is not in the room')
  // 5.6.2.
  const senderLevel = levelOf(judged, event.sender)
  if (senderLevel >= actionLevel(judged, 'ban') && levelOf(judged, target) < senderLevel) return
  // 5.6.3.
  refuse(version, '5.6.3', 'The sender may not ban this user')
}

/** 5.7. */
function checkKnock(judged: Case, target: string): void {
  const { version, event, state } = judged
  // 5.7.1.
  const joinRule = joinRuleOf(state('m.room.join_rules', ''))
  if (joinRule !== 'knock' && !(joinRule === 'knock_restricted' && version.knockRestrictedJoins))
    refuse(version, '5.7.1', 'Nobody can knock on this room')
  // 5.7.2.
  if (event.sender !== target) refuse(version, '5.7.2', 'Nobody can knock for somebody else')
  // 5.7.3.
  const membership = membershipIn(judged, event.sender)
  if (membership !== 'ban' && membership !== 'invite' && membership !== 'join') return
  // 5.7.4.
  refuse(version, '5.7.4', membership === 'ban' ? 'The user is banned from the room' : 'The user need not knock')
}

const integerFields = ['users_default', 'events_default', 'state_default', 'ban', 'redact', 'kick', 'invite'] as const

/** 10. */
function checkPowerLevels(judged: Case, senderLevel: number): void {
  checkLevelTypes(judged)
  // 10.5.
  const current = judged.state('m.room.power_levels', '')?.content
  if (current === undefined) return
  const next = judged.event.content
  checkFieldChanges(judged, current, next, senderLevel)
  checkEntryChanges(judged, current, next, senderLevel)
  checkUserChanges(judged, current, next, senderLevel)
  // 10.11. Otherwise, allow.
}

function checkLevelTypes({ version, event, create }: Case): void {
  const { content } = event
  const isLevel = (value: Json): boolean => asLevel(version, value) !== undefined
  if (version.integerPowerLevels) {
    // 10.1.
    for (const field of integerFields)
      if (Object.hasOwn(content, field) && !isLevel(content[field]!))
        refuse(version, '10.1', `${field} is not an integer`)
    // 10.2.
    for (const field of ['events', 'notifications'])
      if (Object.hasOwn(content, field) && !holdsOnly(content[field]!, isLevel))
        refuse(version, '10.2', `${field} is not an object of integers`)
  }
  const users = member(content, 'users')
  if (users === undefined) return
  // 10.3.
  if (!holdsOnly(users, isLevel) || !Object.keys(users).every(isUserId))
    refuse(version, '10.3', 'users is not an object of user ids and integers')
  // 10.4.
  if (version.privilegedCreators && Object.keys(users).some((user) => isCreator(version, user, create)))
    refuse(version, '10.4', 'users has a creator of the room')
}

const holdsOnly = (value: Json, check: (value: Json) => boolean): value is JsonObject =>
  isJsonObject(value) && Object.values(value).every(check)

/** 10.6. */
function checkFieldChanges({ version }: Case, current: JsonObject, next: JsonObject, senderLevel: number): void {
  for (const field of integerFields) {
    const before = levelIn(version, current, field)
    const after = levelIn(version, next, field)
    if (before === after) continue
    // 10.6.1.
    if (before !== undefined && before > senderLevel) refuse(version, '10.6.1', `The sender may not change ${field}`)
    // 10.6.2.
    if (after !== undefined && after > senderLevel)
      refuse(version, '10.6.2', `The sender may not raise ${field} so far`)
  }
}

/** 10.7, 10.8. */
function checkEntryChanges({ version }: Case, current: JsonObject, next: JsonObject, senderLevel: number): void {
  const changed = ['events', 'notifications'].flatMap((field) =>
    changes(version, member(current, field), member(next, field)),
  )
  // 10.7.1.
  if (changed.some(({ before }) => before !== undefined && before > senderLevel))
    refuse(version, '10.7.1', 'The sender may not change a level above their own')
  // 10.8.1.
  if (changed.some(({ after }) => after !== undefined && after > senderLevel))
    refuse(version, '10.8.1', 'The sender may not raise a level above their own')
}

/** 10.9, 10.10. */
function checkUserChanges({ version, event }: Case, current: JsonObject, next: JsonObject, senderLevel: number): void {
  const changed = changes(version, member(current, 'users'), member(next, 'users'))
  // 10.9.1.
  if (changed.some(({ key, before }) => before !== undefined && key !== event.sender && before >= senderLevel))
    refuse(version, '10.9.1', 'The sender may not change the level of this user')
  // 10.10.1.
  if (changed.some(({ after }) => after !== undefined && after > senderLevel))
    refuse(version, '10.10.1', 'The sender may not raise a user above their own level')
}

interface Change {
  readonly key: string
  readonly before: number | undefined
  readonly after: number | undefined
}

function changes(version: RoomVersion, current: Json | undefined, next: Json | undefined): Change[] {
  const keys = new Set([...keysOf(current), ...keysOf(next)])
  return [...keys]
    .map((key) => ({ key, before: levelIn(version, current, key), after: levelIn(version, next, key) }))
    .filter(({ before, after }) => before !== after)
}

const keysOf = (value: Json | undefined): string[] => (isJsonObject(value) ? Object.keys(value) : [])

/** The membership of a user as the rules see it: what the state says, or nothing. */
const membershipIn = (judged: Case, user: string): string | undefined =>
  membershipOf(judged.state('m.room.member', user))

const levelOf = (judged: Case, user: string): number =>
  powerLevelOf(judged.version, user, judged.state('m.room.power_levels', ''), judged.create)

const defaultLevels = { invite: 0, kick: 50, ban: 50, redact: 50 } as const

const actionLevel = (judged: Case, action: keyof typeof defaultLevels): number =>
  levelIn(judged.version, judged.state('m.room.power_levels', '')?.content, action) ?? defaultLevels[action]

/** Server-Server API, "Definitions": the required power level of an event type. */
function requiredLevel({ version, event, state }: Case): number {
  return requiredLevelOf(version, event.type, event.state_key !== undefined, state('m.room.power_levels', ''))
}

/** The power level that it takes to send an event of a type. */
export function requiredLevelOf(
  version: RoomVersion,
  type: string,
  isState: boolean,
  powerLevels: RoomEvent | undefined,
): number {
  const content = powerLevels?.content
  const listed = levelIn(version, content && member(content, 'events'), type)
  if (listed !== undefined) return listed
  return isState
    ? (levelIn(version, content, 'state_default') ?? 50)
    : (levelIn(version, content, 'events_default') ?? 0)
}

/**
 * The power level of a user. Creators of version 12 rooms have `Infinity`; in a room without power levels the creator
 * of an older one has 100, everybody else 0.
 */
export function powerLevelOf(
  version: RoomVersion,
  user: string,
  powerLevels: RoomEvent | undefined,
  create: RoomEvent | undefined,
): number {
  if (version.privilegedCreators && isCreator(version, user, create)) return Infinity
  if (powerLevels === undefined)
    return !version.privilegedCreators && create !== undefined && user === creatorOf(version, create) ? 100 : 0
  const { content } = powerLevels
  return levelIn(version, member(content, 'users'), user) ?? levelIn(version, content, 'users_default') ?? 0
}

/** The level that an action on members or on others' events takes: `invite` 0, the others 50 unless set. */
export const actionLevelOf = (
  version: RoomVersion,
  action: keyof typeof defaultLevels,
  powerLevels: RoomEvent | undefined,
): number => levelIn(version, powerLevels?.content, action) ?? defaultLevels[action]

/** Who opened the room: named in the content until version 10, the sender from 11 on. */
export const creatorOf = (version: RoomVersion, create: RoomEvent): string | undefined =>
  version.creatorInContent ? stringIn(create, 'creator') : create.sender

/** Everybody who stands above the power levels: the sender of the create event and its `additional_creators`. */
export function creatorsOf(version: RoomVersion, create: RoomEvent): readonly UserId[] {
  const additional = version.privilegedCreators ? member(create.content, 'additional_creators') : undefined
  return [create.sender, ...(Array.isArray(additional) ? additional.filter(isUserId) : [])]
}

function isCreator(version: RoomVersion, user: string, create: RoomEvent | undefined): boolean {
  if (create === undefined) return false
  if (user === create.sender) return true
  return Object.hasOwn(create.content, 'additional_creators') && creatorsOf(version, create).includes(user as UserId)
}

/**
 * True if a redaction takes effect: its sender has the redact level, or is of the server that sent the target.
 * Not an auth rule: a redaction that may not is kept, and does nothing. Room version 3, "Handling redactions".
 */
export function mayRedact(
  version: RoomVersion,
  redaction: RoomEvent,
  target: RoomEvent,
  state: StateLookup,
  create: RoomEvent | undefined,
): boolean {
  if (redaction.room_id !== target.room_id) return false
  if (serverOf(redaction.sender) === serverOf(target.sender)) return true
  const powerLevels = state('m.room.power_levels', '')
  return powerLevelOf(version, redaction.sender, powerLevels, create) >= actionLevelOf(version, 'redact', powerLevels)
}

import { isHashRoomId, type EventId, type ServerName, type UserId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import { signJson, encodeBase64 } from '#spec/sign.ts'
import type { EventDraft } from '#spec/room/build.ts'
import { eventIdOf, wireForm, type RoomEvent } from '#spec/room/event.ts'
import { ruleNumberIn, type RoomVersion } from '#spec/room/versions.ts'
import { nobleCrypto, nobleKey, noblePublicKey } from './noble-crypto.ts'
import type { ServerKeys } from './receiver.ts'
import { openStory, type Story } from './story.ts'

/*
 * One family room, told in any version: people come and go, two branches grow and meet, and whatever a version brought is tried in
 * all of them, so that the older ones show how they refuse it.
 */

/** An event as servers exchange it, and what becomes of it. */
export interface Line {
  readonly event_id: EventId
  readonly event: JsonObject
  /**
   * Null for an event that is let in. Otherwise what refuses it: the number of an authorisation rule in the list of the room's own
   * version, `signature`, or the code of the error for an event in a bad format.
   */
  readonly refused: string | null
  /** Only where true: the content hash does not match, so the event counts as redacted. */
  readonly redacted?: true
}

/** What a room comes out as. */
export interface FamilyRoom {
  readonly version: RoomVersion
  readonly lines: readonly Line[]
  readonly story: Story
  /** Events that did not become of as told, each with what was expected and what happened. */
  readonly surprises: readonly string[]
}

const keyId = 'ed25519:1'
const servers = ['one.example', 'two.example', 'three.example'] as ServerName[]
const identityServer = 'id.example'
const seedOf = (server: string): Uint8Array => new Uint8Array(32).fill(servers.indexOf(server as ServerName) + 1)
const keyOf = (server: string) => nobleKey(server, keyId, seedOf(server))

/** The public key of every server, in unpadded base64. */
export const publicKeys: ServerKeys = Object.fromEntries(
  servers.map((server) => [server, { [keyId]: encodeBase64(noblePublicKey(seedOf(server))) }]),
)

const ada = '@ada:one.example' as UserId
const ben = '@ben:two.example' as UserId
const cem = '@cem:three.example' as UserId
const dee = '@dee:three.example' as UserId
const eli = '@eli:one.example' as UserId
const fay = '@fay:two.example' as UserId
const gus = '@gus:three.example' as UserId

const member = (sender: UserId, target: UserId, membership: string, more: JsonObject = {}): EventDraft => ({
  type: 'm.room.member',
  sender,
  state_key: target,
  content: { membership, ...more },
})
const state = (sender: UserId, type: string, content: JsonObject, stateKey = ''): EventDraft => ({
  type,
  sender,
  state_key: stateKey,
  content,
})
const say = (sender: UserId, body: string): EventDraft => ({
  type: 'm.room.message',
  sender,
  content: { msgtype: 'm.text', body },
})
const redaction = (sender: UserId, redacts: EventId): EventDraft => ({
  type: 'm.room.redaction',
  sender,
  content: { reason: 'too loud' },
  redacts,
})
const joinRules = (joinRule: string): EventDraft =>
  state(ada, 'm.room.join_rules', {
    join_rule: joinRule,
    ...(joinRule.includes('restricted')
      ? { allow: [{ type: 'm.room_membership', room_id: '!family:one.example' }] }
      : undefined),
  })

/** The rule that refuses an event, in the numbers of version 12; nothing where it is let in. */
type Expected = string | undefined
const unless = (has: boolean, rule: string): Expected => (has ? undefined : rule)
type Tell = (draft: EventDraft, expected?: Expected, heads?: readonly RoomEvent[]) => RoomEvent

/** A room in the making, for the chapters below. */
interface Pen {
  readonly version: RoomVersion
  readonly tell: Tell
  readonly lines: Line[]
  /** Content of power levels: creators stand in it only where a version lets them. */
  levels(users: JsonObject, more?: JsonObject): JsonObject
}

/** Tells the room in a version. */
export function tellFamilyRoom(version: RoomVersion): FamilyRoom {
  const story = openStory(version, keyOf, nobleCrypto)
  const lines: Line[] = []
  const surprises: string[] = []
  const tell: Tell = (draft, expected, heads) => {
    const { event, refused } = story.tell(draft, heads)
    const number = expected && ruleNumberIn(version, expected)
    if (refused !== number) surprises.push(`${lines.length} ${draft.type}: ${refused}, not ${number}`)
    lines.push({ event_id: event.event_id, event: wireForm(version, event), refused: refused ?? null })
    return event
  }
  const levels: Pen['levels'] = (users, more) => ({
    users: version.privilegedCreators ? users : { [ada]: 100, [eli]: 100, ...users },
    events: { 'm.room.name': 25 },
    invite: 25,
    notifications: { room: 50 },
    ...more,
  })
  const pen: Pen = { version, tell, lines, levels }
  found(pen)
  const message = invite(pen)
  setLevels(pen)
  branch(pen)
  knock(pen)
  joinRestricted(pen)
  inviteByMail(pen)
  part(pen, message)
  forge(pen)
  return { version, lines, story, surprises }
}

function found({ version, tell, levels }: Pen): void {
  const create = state(ada, 'm.room.create', {
    room_version: version.id,
    ...(version.creatorInContent ? { creator: ada } : undefined),
    ...(version.privilegedCreators ? { additional_creators: [eli] } : undefined),
  })
  tell(create)
  tell(member(ada, ada, 'join', { displayname: 'Ada' }))
  tell(create, '1.1')
  tell(state(ada, 'm.room.power_levels', levels({})))
  tell(joinRules('invite'))
  tell(state(ada, 'm.room.history_visibility', { history_visibility: 'joined' }))
  tell(state(ada, 'm.room.name', { name: 'Küche 🍲' }))
}

function invite({ tell }: Pen): RoomEvent {
  tell(member(ben, ben, 'join'), '5.3.7')
  tell(member(ada, ben, 'invite', { is_direct: false }))
  tell(member(ben, ben, 'join', { displayname: 'Ben', avatar_url: 'mxc://two.example/abc' }))
  const message = tell(say(ben, 'merhaba 👋'))
  tell(state(ben, 'm.room.topic', { topic: 'not mine to set' }), '8')
  tell(member(ben, cem, 'invite'), '5.4.5')
  return message
}

function setLevels({ version, tell, levels }: Pen): void {
  const asText = levels({ [ben]: ' +0050 ' }, { ban: '50' })
  tell(state(ada, 'm.room.power_levels', asText), unless(!version.integerPowerLevels, '10.1'))
  tell(state(ada, 'm.room.power_levels', levels({ [ben]: '50' })), unless(!version.integerPowerLevels, '10.3'))
  const withCreator = levels({ [ada]: 100, [ben]: 50 })
  tell(state(ada, 'm.room.power_levels', withCreator), unless(!version.privilegedCreators, '10.4'))
  const withOther = levels({ [eli]: 100, [ben]: 50 })
  tell(state(ada, 'm.room.power_levels', withOther), unless(!version.privilegedCreators, '10.4'))
  tell(state(ada, 'm.room.power_levels', levels({ [ben]: 50 })))
  tell(state(ben, 'm.room.power_levels', levels({ [ben]: 60 })), '10.10.1')
  tell(state(ben, 'm.room.power_levels', levels({ [ben]: 50 }, { notifications: { room: 60 } })), '10.8.1')
  tell(state(ben, 'm.room.power_levels', levels({ [ben]: 50 }, { redact: 60 })), '10.6.2')
}

/** Ben pins something and speaks, while Ada bans him: where the branches meet, nothing of his is left. */
function branch({ tell }: Pen): void {
  const fork = tell(say(ada, 'what is for dinner?'))
  tell(state(ben, 'm.room.pinned_events', { pinned: [fork.event_id] }), undefined, [fork])
  const left = tell(say(ben, 'who cooks?'))
  tell(state(ada, 'm.room.avatar', { url: 'mxc://one.example/pot' }), undefined, [fork])
  const right = tell(member(ada, ben, 'ban', { reason: 'tries everything' }))
  tell(say(ada, 'here the branches meet'), undefined, [left, right])
  tell(say(ben, 'am I still here?'), '6')
  tell(member(ben, ben, 'join'), '5.3.3')
  tell(member(ada, ben, 'leave'))
}

function knock({ version, tell }: Pen): void {
  tell(joinRules('knock'))
  tell(member(dee, dee, 'knock', { reason: 'may I?' }), unless(version.knocking, '5.8'))
  tell(member(fay, dee, 'knock'), version.knocking ? '5.7.2' : '5.8')
  tell(member(dee, dee, 'join'), '5.3.7')
  tell(member(ada, dee, 'invite'))
  tell(member(dee, dee, 'knock'), version.knocking ? '5.7.4' : '5.8')
  tell(member(dee, dee, 'join', { displayname: 'Dee' }), unless(version.knocking, '5.3.7'))
  tell(member(fay, fay, 'knock'), unless(version.knocking, '5.8'))
  tell(member(fay, fay, 'leave', { reason: 'another time' }), unless(version.knocking, '5.5.1'))
}

function joinRestricted({ version, tell, lines }: Pen): void {
  const by = (user: UserId): JsonObject => ({ join_authorised_via_users_server: user })
  const unauthorised = version.restrictedJoins ? '5.3.5.2' : '5.3.7'
  tell(joinRules('restricted'))
  tell(member(cem, cem, 'join'), unauthorised)
  tell(member(cem, cem, 'join', by(dee)), unauthorised)
  tell(member(cem, cem, 'join', by(gus)), unauthorised)
  tell(member(cem, cem, 'join', by(ada)), unless(version.restrictedJoins, '5.3.7'))
  const { event, event_id: eventId } = lines.at(-1)!
  const { 'one.example': _authorising, ...own } = event['signatures'] as JsonObject
  // The same without the signature of the server that authorises it: it is needed where a version knows of it.
  const refused = version.restrictedJoins ? 'signature' : ruleNumberIn(version, '5.3.7')
  lines.push({ event_id: eventId, event: { ...event, signatures: own }, refused })
  tell(joinRules('knock_restricted'))
  tell(member(fay, fay, 'knock'), unless(version.knockRestrictedJoins, version.knocking ? '5.7.1' : '5.8'))
  tell(member(fay, fay, 'join', by(ada)), unless(version.knockRestrictedJoins, '5.3.7'))
}

function inviteByMail({ version, tell }: Pen): void {
  const seed = new Uint8Array(32).fill(9)
  const publicKey = encodeBase64(noblePublicKey(seed))
  const invited = (mxid: UserId): JsonObject => {
    const signed = signJson({ mxid, token: 'abc' }, nobleKey(identityServer, 'ed25519:0', seed))
    return { third_party_invite: { display_name: 'g…@example.org', signed } }
  }
  const pending = { display_name: 'g…@example.org', key_validity_url: 'https://id.example/', public_key: publicKey }
  tell(state(dee, 'm.room.third_party_invite', pending, 'abc'), version.knocking ? '7.1' : '6')
  tell(state(ada, 'm.room.third_party_invite', pending, 'abc'))
  tell(member(ada, gus, 'invite', invited(gus)))
  tell(member(ada, gus, 'invite', invited(dee)), '5.4.1.4')
  // Where the join rule is not known, even who is invited stays outside.
  tell(member(gus, gus, 'join'), unless(version.knockRestrictedJoins, '5.3.7'))
}

function part({ tell }: Pen, message: RoomEvent): void {
  tell(joinRules('public'))
  for (const user of [ben, cem, dee, eli]) tell(member(user, user, 'join'))
  tell(redaction(cem, message.event_id))
  tell(redaction(ada, message.event_id))
  tell(member(cem, ben, 'leave', { reason: 'may not' }), '5.5.5')
  tell(member(ben, eli, 'leave', { reason: 'stands above' }), '5.5.5')
  tell(member(eli, cem, 'leave', { reason: 'bye' }))
  tell(state(eli, 'org.example.note', {}, ada), '9')
  tell(state(eli, 'org.example.note', { deep: { '😀': 1, '～': [null, true, -5] } }, eli))
}

/** What nobody told: forged contents, forged signatures, bad formats. */
function forge({ version, tell, lines }: Pen): void {
  const push = (event: JsonObject, refused: string | null, redacted?: true): void => {
    lines.push({ event_id: eventIdOf(version, event, nobleCrypto), event, refused, ...(redacted && { redacted }) })
  }
  const topic = wireForm(version, tell(state(ada, 'm.room.topic', { topic: 'as it was signed' })))
  lines.pop()
  push({ ...topic, content: { topic: 'forged' } }, null, true)
  push({ ...topic, origin_server_ts: 1 }, 'signature')
  push({ ...topic, sender: eli }, 'signature')
  push({ ...topic, prev_events: ['$143273582443PhrSn:one.example'] }, 'M_BAD_JSON')
  push({ ...topic, depth: -1 }, 'M_BAD_JSON')
  const otherForm = isHashRoomId(topic['room_id']) ? '!story:one.example' : `!${'A'.repeat(43)}`
  push({ ...topic, room_id: otherForm }, 'M_BAD_JSON')
  push({ ...topic, type: 't'.repeat(256) }, 'M_TOO_LARGE')
  tell(say(ada, 'good night'))
}

import type { Json, JsonObject } from '#spec/json.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import type { Signatures } from '#spec/sign.ts'
import { expandEvent, type ShortEvent } from '#spec/vectors/short-event.ts'
import type { Dice } from '#test/chaos/dice.ts'
import { changeLevels, drawLevels, prototypeNames } from './generate-levels.ts'
import { oddValues, people, signedInvite, stateOf, tokens, verify, type Room } from './generate-room.ts'
import type { Question } from './terms.ts'

/*
 * Events to judge in a room: mostly what somebody could have meant, each with a chance of every mistake.
 */

/** Draws an event of a room, with all that it is judged by. */
export function drawQuestion(dice: Dice, room: Room): Question {
  const event = expandEvent({
    event_id: '$event',
    room_id: dice.chance(0.985) ? room.roomId : dice.pick(['!other', '!other:one.example']),
    ...drawEvent(dice, room),
  })
  const cited = drawCited(dice, room, event)
  return {
    event,
    state: (type, key) => stateOf(room, type, key),
    create: dice.chance(0.99) ? room.create : undefined,
    cited,
    rejected: new Set(cited.length > 0 && dice.chance(0.03) ? [dice.pick(cited).event_id] : []),
    verify,
  }
}

function drawEvent(dice: Dice, room: Room): ShortEvent {
  const roll = dice.below(100)
  if (roll < 6) return drawCreate(dice, room)
  if (roll < 21) return drawJoin(dice, room)
  if (roll < 29) return drawInvite(dice, room)
  if (roll < 41) return drawThirdPartyInvite(dice, room)
  if (roll < 51) return drawRemoval(dice, room, 'leave')
  if (roll < 58) return drawRemoval(dice, room, 'ban')
  if (roll < 66) return drawKnock(dice)
  if (roll < 69) return drawOddMembership(dice, room)
  if (roll < 88) return drawPowerLevels(dice, room)
  return drawOther(dice, room)
}

const isJoined = (room: Room, user: string): boolean =>
  stateOf(room, 'm.room.member', user)?.content['membership'] === 'join'

/** Somebody who writes: mostly one who is in the room. */
function drawSender(dice: Dice, room: Room): string {
  const joined = people.filter((user) => isJoined(room, user))
  return joined.length > 0 && dice.chance(0.85) ? dice.pick(joined) : dice.pick(people)
}

function drawCreate(dice: Dice, { versionId }: Room): ShortEvent {
  const sender = dice.pick(people)
  const content = Object.fromEntries([
    ...(dice.chance(0.9) ? [['creator', sender]] : []),
    ...(dice.chance(0.8)
      ? [['room_version', dice.pick<Json>(['6', '9', versionId, versionId, '99', 12, null, ...prototypeNames])]]
      : []),
    ...(dice.chance(0.5) ? [['additional_creators', drawCreators(dice)]] : []),
  ] as [string, Json][])
  const ownRoomId = versionId === '12' ? '!event' : `!new:${sender.slice(sender.indexOf(':') + 1)}`
  return {
    type: 'm.room.create',
    sender,
    ...(dice.chance(0.95) && { state_key: '' }),
    content,
    room_id: dice.chance(0.85) ? ownRoomId : dice.pick(['!new:two.example', '!new', '!event', '!new:one.example']),
    prev_events: dice.chance(0.9) ? [] : ['$latest'],
  }
}

const drawCreators = (dice: Dice): Json =>
  dice.chance(0.3)
    ? dice.pick<Json>([...oddValues, ['@a:'], [null], ['@a:one.example', 'nobody']])
    : people.filter(() => dice.chance(0.3))

interface MemberDraft {
  readonly sender: string
  readonly target: string
  readonly content: JsonObject
  readonly prev_events?: readonly string[]
  /** Who may be said to vouch for it; everybody unless told. */
  readonly vouchers?: readonly string[]
}

/** A member event, with the chance of what any of them may have: no state key, no membership, a user who vouches. */
function memberEvent(
  dice: Dice,
  { sender, target, content, prev_events, vouchers = people }: MemberDraft,
  voucherChance: number,
): ShortEvent {
  const { membership: _membership, ...without } = content
  const base = dice.chance(0.985) ? content : without
  const voucher = dice.chance(0.9) ? dice.pick<Json>(vouchers) : dice.pick<Json>([...oddValues, 'nobody', '@nobody'])
  const hasVoucher = dice.chance(voucherChance)
  return {
    type: 'm.room.member',
    sender,
    ...(dice.chance(0.985) && {
      state_key: dice.chance(0.985) ? target : dice.pick(['', 'nobody', ...prototypeNames]),
    }),
    content: hasVoucher ? { ...base, join_authorised_via_users_server: voucher } : base,
    signatures: hasVoucher ? drawSignatures(dice, voucher) : {},
    ...(prev_events && { prev_events }),
  }
}

function drawSignatures(dice: Dice, voucher: Json): Signatures {
  const server = typeof voucher === 'string' ? voucher.slice(voucher.indexOf(':') + 1) : 'one.example'
  const name = dice.chance(0.85) ? server : 'one.example'
  return dice.chance(0.95) ? Object.fromEntries([[name, { 'ed25519:1': 'signature' }]]) : {}
}

function drawJoin(dice: Dice, room: Room): ShortEvent {
  const isFirst = dice.chance(0.12)
  const { creator } = room.create.content
  const first = dice.pick([
    room.create.sender,
    typeof creator === 'string' ? creator : room.create.sender,
    dice.pick(people),
  ])
  const joined = people.filter((user) => isJoined(room, user))
  const outside = people.filter((user) => !joined.includes(user))
  const target = isFirst ? first : dice.pick(outside.length > 0 && dice.chance(0.5) ? outside : people)
  const sender = dice.chance(0.94) ? target : dice.pick(people)
  const vouchers = joined.length > 0 && dice.chance(0.7) ? joined : people
  const prev_events = isFirst
    ? dice.pick([['$create'], ['$create'], ['$create', '$create'], ['$create', '$latest'], []])
    : undefined
  return memberEvent(
    dice,
    { sender, target, content: { membership: 'join' }, vouchers, ...(prev_events && { prev_events }) },
    0.5,
  )
}

const drawInvite = (dice: Dice, room: Room): ShortEvent =>
  memberEvent(
    dice,
    { sender: drawSender(dice, room), target: dice.pick(people), content: { membership: 'invite' } },
    0.03,
  )

function drawThirdPartyInvite(dice: Dice, room: Room): ShortEvent {
  const target = dice.pick(people)
  const token = dice.pick(tokens)
  const pending = stateOf(room, 'm.room.third_party_invite', token)
  const sender = pending !== undefined && dice.chance(0.9) ? pending.sender : drawSender(dice, room)
  const content = { membership: 'invite', third_party_invite: drawThirdParty(dice, target, token) }
  return memberEvent(dice, { sender, target, content }, 0.03)
}

function drawThirdParty(dice: Dice, target: string, token: string): Json {
  if (dice.chance(0.04)) return dice.pick(oddValues)
  if (dice.chance(0.04)) return { signed: dice.pick(oddValues) }
  const signed = signedInvite(dice.chance(0.94) ? target : dice.pick(people), token, dice.below(3))
  return { display_name: 'x', signed: dice.chance(0.8) ? signed : spoil(dice, signed) }
}

/** Something missing, something of another type, something written after the signature. */
function spoil(dice: Dice, signed: JsonObject): JsonObject {
  const name = dice.pick(['mxid', 'token', 'signatures'])
  const others = Object.entries(signed).filter(([key]) => key !== name)
  const twice = {
    'id.example': { 'ed25519:1': 'AAAA', 'x25519:0': 'x', ...(signed['signatures'] as Signatures)['id.example'] },
  }
  return Object.fromEntries(
    dice.pick<[string, Json][]>([
      others,
      [...others, [name, dice.pick(oddValues)]],
      [...others, [name, dice.pick(prototypeNames)]],
      [...Object.entries(signed), ['added', 'later']],
      [...Object.entries(signed), ['unsigned', { age: 1 }]],
      [...Object.entries(signed), ['signatures', twice]],
      [...Object.entries(signed), ['signatures', { 'id.example': 5 }]],
      [...Object.entries(signed), ['signatures', { 'id.example': { 'ed25519:0': 'A'.repeat(86) } }]],
    ]),
  )
}

function drawRemoval(dice: Dice, room: Room, membership: 'leave' | 'ban'): ShortEvent {
  const sender = drawSender(dice, room)
  const target = membership === 'leave' && dice.chance(0.4) ? sender : dice.pick(people)
  return memberEvent(dice, { sender, target, content: { membership } }, 0.02)
}

function drawKnock(dice: Dice): ShortEvent {
  const target = dice.pick(people)
  const sender = dice.chance(0.9) ? target : dice.pick(people)
  return memberEvent(dice, { sender, target, content: { membership: 'knock' } }, 0.02)
}

function drawOddMembership(dice: Dice, room: Room): ShortEvent {
  const content = { membership: dice.pick<Json>([...oddValues, 'Join', ...prototypeNames]) }
  return memberEvent(dice, { sender: drawSender(dice, room), target: dice.pick(people), content }, 0.1)
}

/** Whoever has the highest level on the list, of those in the room. */
function strongest(room: Room): string {
  const { users } = stateOf(room, 'm.room.power_levels', '')?.content ?? {}
  const levels = Object.entries(typeof users === 'object' && users !== null ? users : {})
    .filter(([user]) => isJoined(room, user))
    .map(([user, level]) => ({ user, level: Number(level) || 0 }))
  return levels.toSorted((a, b) => b.level - a.level)[0]?.user ?? room.create.sender
}

function drawPowerLevels(dice: Dice, room: Room): ShortEvent {
  const current = stateOf(room, 'm.room.power_levels', '')?.content
  const takesTexts = ['6', '7', '8', '9'].includes(room.versionId)
  const isCreatorAllowed = room.versionId !== '12' || dice.chance(0.2)
  const style = {
    texts: takesTexts ? 0.2 : 0.02,
    odd: dice.chance(0.25) ? 0.1 : 0,
    users: isCreatorAllowed ? people : people.filter((user) => !room.creators.includes(user)),
  }
  const isStep = current !== undefined && dice.chance(0.85)
  const content = isStep ? changeLevels(dice, current, style) : drawLevels(dice, style, 0.3)
  return {
    type: 'm.room.power_levels',
    sender: dice.chance(0.6) ? strongest(room) : drawSender(dice, room),
    ...(dice.chance(0.97) && { state_key: dice.pick(['', '', '', '', '', 'x', dice.pick(people)]) }),
    content,
  }
}

const otherTypes = [
  'm.room.name',
  'm.room.message',
  'm.room.redaction',
  'm.room.join_rules',
  'org.example.x',
  ...prototypeNames,
]

function drawOther(dice: Dice, room: Room): ShortEvent {
  const sender = drawSender(dice, room)
  const stateKey = dice.pick([
    undefined,
    undefined,
    '',
    '',
    sender,
    dice.pick(people),
    '@',
    'x',
    dice.pick(prototypeNames),
  ])
  return {
    type: dice.chance(0.3) ? 'm.room.third_party_invite' : dice.pick(otherTypes),
    sender,
    ...(stateKey !== undefined && { state_key: stateKey }),
    content: dice.chance(0.9) ? {} : { membership: 'join' },
  }
}

/** What the event cites: about what it should, less often too little, too much, or of the wrong kind. */
function drawCited(dice: Dice, room: Room, event: RoomEvent): RoomEvent[] {
  const { content } = event
  const needed: (readonly [string, Json | undefined, number])[] = [
    ['m.room.create', '', room.versionId === '12' ? 0.03 : 0.96],
    ['m.room.power_levels', '', 0.9],
    ['m.room.member', event.sender, 0.9],
  ]
  if (event.type === 'm.room.member') {
    const usesRules = ['join', 'invite', 'knock'].includes(String(content['membership']))
    needed.push(['m.room.join_rules', '', usesRules ? 0.8 : 0.03])
    if (event.state_key !== event.sender) needed.push(['m.room.member', event.state_key, 0.8])
    const isVouched = content['membership'] === 'join' && !['6', '7'].includes(room.versionId)
    const voucher = content['join_authorised_via_users_server']
    if (voucher !== event.sender && voucher !== event.state_key)
      needed.push(['m.room.member', voucher, isVouched ? 0.8 : 0.1])
    needed.push(['m.room.third_party_invite', tokenOf(content), content['membership'] === 'invite' ? 0.8 : 0.1])
  }
  const cited = needed.flatMap(([type, key, chance]) => {
    const piece = typeof key === 'string' && dice.chance(chance) ? stateOf(room, type, key) : undefined
    return piece === undefined ? [] : [piece]
  })
  return dice.chance(0.12) ? spoilCited(dice, room, cited) : cited
}

function tokenOf(content: JsonObject): Json | undefined {
  const invite = content['third_party_invite'] as { signed?: { token?: Json } | null } | null | undefined
  return invite?.signed?.token
}

function spoilCited(dice: Dice, room: Room, cited: readonly RoomEvent[]): RoomEvent[] {
  const one = cited.length > 0 ? dice.pick(cited) : room.create
  const { state_key: _stateKey, ...withoutKey } = one
  return dice.pick<() => RoomEvent[]>([
    () => [...cited, one],
    () => [...cited, dice.pick([...room.state.values()])],
    () => [...cited, withoutKey],
    () => [...cited, withoutKey, withoutKey],
    () => cited.map((each) => (each === one ? { ...each, room_id: '!other' as RoomEvent['room_id'] } : each)),
    () => [],
  ])()
}

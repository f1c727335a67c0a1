import type { Json, JsonObject } from '#spec/json.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import { encodeBase64, encodeBase64Url, signJson, type Crypto } from '#spec/sign.ts'
import { nobleCrypto, nobleKey, noblePublicKey } from '#spec/vectors/noble-crypto.ts'
import { expandEvent, type ShortEvent } from '#spec/vectors/short-event.ts'
import type { Dice } from '#test/chaos/dice.ts'
import { drawLevels, prototypeNames } from './generate-levels.ts'

/*
 * Rooms to judge events in: every membership, join rule and level, and state that only a careless server would have let in.
 */

export const people = [
  '@alice:one.example',
  '@bob:one.example',
  '@carol:two.example',
  '@dave:two.example:8448',
  '@eve:three.example',
  '@Old Name:two.example',
  '@frank:constructor',
  '@:one.example',
] as const
export const tokens = ['tok', 'other', '__proto__', 'constructor'] as const
export const oddValues: readonly Json[] = [null, 5, true, '', 'x', [], {}, ['x']]

/** A room as an event meets it. */
export interface Room {
  readonly versionId: string
  readonly roomId: string
  readonly create: RoomEvent
  readonly state: ReadonlyMap<string, RoomEvent>
  readonly creators: readonly string[]
}

const stateKeyOf = (type: string, key: string): string => `${type}|${key}`

/** The state of a room under a type and a state key. */
export const stateOf = (room: Room, type: string, key: string): RoomEvent | undefined =>
  room.state.get(stateKeyOf(type, key))

const seeds = [1, 2, 3].map((n) => new Uint8Array(32).fill(n))
const inviteKeys = seeds.map((seed) => nobleKey('id.example', 'ed25519:0', seed))
const inviteKeyTexts = seeds
  .map((seed) => noblePublicKey(seed))
  .flatMap((key) => [encodeBase64(key), encodeBase64Url(key)])

const signedInvites = new Map<string, JsonObject>()

/** What an identity server signs for a user who followed an invite. */
export function signedInvite(mxid: string, token: string, key: number): JsonObject {
  const name = `${mxid} ${token} ${key}`
  const made = signedInvites.get(name) ?? signJson({ mxid, token }, inviteKeys[key]!)
  signedInvites.set(name, made)
  return made
}

const verified = new Map<string, boolean>()

/** Real ed25519, asked once for each signature. */
export const verify: Crypto['verify'] = (key, message, signature) => {
  const name = [key, message, signature].map(encodeBase64).join(' ')
  const known = verified.get(name) ?? nobleCrypto.verify(key, message, signature)
  verified.set(name, known)
  return known
}

/** Draws a room of a version. */
export function drawRoom(dice: Dice, versionId: string): Room {
  const owner = dice.pick(people)
  const additional = versionId === '12' || dice.chance(0.1) ? people.filter(() => dice.chance(0.12)) : []
  const roomId = versionId === '12' ? '!create' : `!room:${owner.slice(owner.indexOf(':') + 1)}`
  const expand = (short: ShortEvent): RoomEvent => expandEvent({ room_id: roomId, ...short })
  const create = expand({
    type: 'm.room.create',
    sender: owner,
    state_key: '',
    content: createContent(dice, versionId, owner, additional),
    event_id: '$create',
    prev_events: [],
  })
  const creators = [owner, ...additional]
  const draws = [
    ...drawMembers(dice, owner),
    ...drawLevelState(dice, versionId, creators),
    ...drawJoinRules(dice, owner),
    ...drawPendingInvites(dice),
    { type: 'm.room.topic', sender: owner, state_key: '', content: {} },
  ]
  const state = [create, ...draws.map((short, i) => expand({ event_id: `$state${i}`, ...short }))]
  return {
    versionId,
    roomId,
    create,
    creators,
    state: new Map(state.map((event) => [stateKeyOf(event.type, event.state_key!), event])),
  }
}

function createContent(dice: Dice, versionId: string, owner: string, additional: readonly string[]): JsonObject {
  const needsCreator = versionId !== '11' && versionId !== '12'
  const creator = dice.chance(0.8) ? owner : dice.pick<Json>([...people, 5, null])
  return {
    room_version: versionId,
    ...((needsCreator || dice.chance(0.1)) && { creator }),
    ...(additional.length > 0 && { additional_creators: additional }),
    ...(dice.chance(0.15) && { 'm.federate': dice.pick<Json>([false, false, false, true, null, 0, 'false']) }),
  }
}

function drawMembers(dice: Dice, owner: string): ShortEvent[] {
  return people.flatMap((user) => {
    const membership = dice.pick(['join', 'join', 'join', 'join', 'invite', 'leave', 'ban', 'knock', 'none', 'odd'])
    if (membership === 'none') return []
    const content: JsonObject =
      membership === 'odd'
        ? dice.pick([{}, { membership: 'odd' }, { membership: 5 }, { membership: null }])
        : { membership }
    return [{ type: 'm.room.member', sender: owner, state_key: user, content }]
  })
}

function drawLevelState(dice: Dice, versionId: string, creators: readonly string[]): ShortEvent[] {
  if (dice.chance(0.12)) return []
  const takesTexts = ['6', '7', '8', '9'].includes(versionId)
  const users = versionId === '12' ? people.filter((user) => !creators.includes(user)) : people
  const style = { texts: takesTexts ? 0.25 : 0.01, odd: takesTexts ? 0.05 : 0.01, users }
  const drawn = drawLevels(dice, style, dice.pick([0.2, 0.5, 0.8]))
  // Who may remove but not ban is rare by chance, and there is a rule for them.
  const content = dice.chance(0.2) ? { ...drawn, kick: 25, ban: 75 } : drawn
  return [{ type: 'm.room.power_levels', sender: creators[0]!, state_key: '', content }]
}

const joinRules = ['public', 'invite', 'knock', 'restricted', 'knock_restricted']

function drawJoinRules(dice: Dice, owner: string): ShortEvent[] {
  if (dice.chance(0.08)) return []
  const rule = dice.chance(0.08) ? dice.pick<Json>([...oddValues, 'private', ...prototypeNames]) : dice.pick(joinRules)
  const content = dice.chance(0.02) ? {} : { join_rule: rule }
  return [{ type: 'm.room.join_rules', sender: owner, state_key: '', content }]
}

function drawPendingInvites(dice: Dice): ShortEvent[] {
  return tokens
    .filter(() => dice.chance(0.6))
    .map((token) => {
      const content = Object.fromEntries([
        ...(dice.chance(0.6) ? [['public_key', dice.pick<Json>([...inviteKeyTexts, null, 'x'])]] : []),
        ...(dice.chance(0.5) ? [['public_keys', drawKeyList(dice)]] : []),
      ] as [string, Json][])
      return { type: 'm.room.third_party_invite', sender: dice.pick(people), state_key: token, content }
    })
}

function drawKeyList(dice: Dice): Json {
  if (dice.chance(0.05)) return dice.pick(oddValues)
  const entry = (): Json =>
    dice.chance(0.9) ? { public_key: dice.pick(inviteKeyTexts) } : dice.pick<Json>([...oddValues, { public_key: 'x' }])
  return Array.from({ length: dice.below(3) }, entry)
}

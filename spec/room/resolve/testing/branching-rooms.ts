import { createHash } from 'node:crypto'
import fc from 'fast-check'
import type { ServerName, UserId } from '#spec/ids.ts'
import type { EventDraft } from '#spec/room/build.ts'
import type { RoomVersion } from '#spec/room/versions.ts'
import { openStory, type Story } from '#spec/vectors/story.ts'

/*
 * Rooms as servers let them grow: each event after one or two of the latest, judged by the state there.
 */

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()
/** No signatures: rules and resolution look at none here. */
const keyOf = (server: ServerName) => ({ server, keyId: 'ed25519:1', sign: () => new Uint8Array(64) })
const people = ['@a:one.example', '@b:one.example', '@c:two.example', '@d:two.example'] as UserId[]
const [creator] = people
const person = fc.constantFrom(...people)

export const membership = (sender: UserId, target: UserId, value: string): EventDraft => ({
  type: 'm.room.member',
  sender,
  state_key: target,
  content: { membership: value },
})

type Levels = Record<string, number>
const powerLevels = (sender: UserId, levels: Levels): EventDraft => {
  const users = Object.fromEntries(Object.entries(levels).filter(([user]) => user !== creator))
  return { type: 'm.room.power_levels', sender, state_key: '', content: { users } }
}

const drafts: fc.Arbitrary<EventDraft> = fc.oneof(
  fc
    .tuple(person, person, fc.constantFrom('join', 'leave', 'ban', 'invite'))
    .map(([by, target, value]) => membership(by, target, value)),
  person.map((by) => membership(by, by, 'join')),
  fc
    .tuple(person, fc.dictionary(person, fc.constantFrom(0, 50, 100), { maxKeys: 3, noNullPrototype: true }))
    .map(([sender, levels]) => powerLevels(sender, levels)),
  fc
    .tuple(person, fc.constantFrom('public', 'invite'))
    .map(([sender, join_rule]) => ({ type: 'm.room.join_rules', sender, state_key: '', content: { join_rule } })),
  fc
    .tuple(person, fc.constantFrom('x', 'y'))
    .map(([sender, topic]) => ({ type: 'm.room.topic', sender, state_key: '', content: { topic } })),
)

/** Each step names one or two of the last five events as its heads. */
export const branches = fc.array(fc.tuple(drafts, fc.nat(4), fc.nat(4)), { minLength: 5, maxLength: 40 })
export type Branches = typeof branches extends fc.Arbitrary<infer Steps> ? Steps : never

export function grow(version: RoomVersion, steps: Branches): Story {
  const story = openStory(version, keyOf, { sha256, verify: () => true })
  const named = version.creatorInContent ? { creator: creator! } : {}
  story.tell({
    type: 'm.room.create',
    sender: creator!,
    state_key: '',
    content: { room_version: version.id, ...named },
  })
  story.tell(membership(creator!, creator!, 'join'))
  story.tell({ type: 'm.room.join_rules', sender: creator!, state_key: '', content: { join_rule: 'public' } })
  for (const user of people.slice(1, 3)) story.tell(membership(user, user, 'join'))
  story.tell(powerLevels(creator!, { [people[1]!]: 50 }))
  for (const [draft, one, other] of steps) {
    const recent = [...story.events.values()].slice(-5)
    const heads = new Set([recent[one % recent.length]!, recent[other % recent.length]!])
    story.tell(draft, [...heads])
  }
  return story
}

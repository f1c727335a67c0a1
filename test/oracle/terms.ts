import { canonicalJson, type Json, type JsonObject } from '#spec/json.ts'
import type { RoomEvent } from '#spec/room/event.ts'

/*
 * The words that the lists of authorisation rules use. Server-Server API, "Definitions"; room version pages, notes before the lists.
 * Nothing of spec/room runs here: what is wrong there would be wrong here too.
 */

/** What one event is judged by. */
export interface Question {
  readonly event: RoomEvent
  /** Current state of the room. */
  readonly state: (type: string, stateKey: string) => RoomEvent | undefined
  /** The accepted create event of the room, if there is one. */
  readonly create: RoomEvent | undefined
  /** The events of `auth_events`. */
  readonly cited: readonly RoomEvent[]
  /** Ids of events that were rejected before. */
  readonly rejected: ReadonlySet<string>
  readonly verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean
}

/** A question about an event of a room that is there. */
export interface InRoom extends Question {
  readonly create: RoomEvent
}

/** The answer, and the number of the rule that gave it in the list of the room version. */
export interface Verdict {
  readonly isAllowed: boolean
  readonly rule: string
}

/** One list of rules. */
export interface Rules {
  /** The whole list but the rule on `auth_events`. */
  readonly judge: (question: Question) => Verdict
  /** The rule on `auth_events`; nothing if it has no objection. */
  readonly objectToCited: (question: Question) => Verdict | undefined
}

export const allow = (rule: string): Verdict => ({ isAllowed: true, rule })
export const reject = (rule: string): Verdict => ({ isAllowed: false, rule })

export const isObject = (value: Json | undefined): value is JsonObject =>
  value !== undefined && value !== null && typeof value === 'object' && !Array.isArray(value)

/** True if the object has the property as its own. */
export const has = (value: Json | undefined, property: string): value is JsonObject =>
  isObject(value) && Object.prototype.hasOwnProperty.call(value, property)

export const propertyOf = (value: Json | undefined, property: string): Json | undefined =>
  has(value, property) ? value[property] : undefined

/** Everything after the first colon. */
export const domainOf = (id: string): string => id.slice(id.indexOf(':') + 1)

/** A user id as events have had it: any localpart. */
export const isUserId = (value: Json | undefined): value is string =>
  typeof value === 'string' && Buffer.byteLength(value) <= 255 && /^@[^:\0]*:[A-Za-z0-9.-]+(:[0-9]{1,5})?$/.test(value)

/** The membership of a user in the current state, as it stands there. */
export const membershipOf = (question: Question, user: string): Json | undefined =>
  propertyOf(question.state('m.room.member', user)?.content, 'membership')

/** The rule of the room for joining. A room that says nothing is joined by invitation. */
export function joinRuleOf(question: Question): Json | undefined {
  const event = question.state('m.room.join_rules', '')
  return event === undefined ? 'invite' : propertyOf(event.content, 'join_rule')
}

/** The signature itself is looked at before any rule is: here it has to be there. */
export const isSignedByServerOf = (event: RoomEvent, user: Json | undefined): boolean =>
  isUserId(user) && Object.keys(event.signatures).includes(domainOf(user))

/** How a list reads a power level: a number, or nothing for what is none. */
export type ReadLevel = (value: Json | undefined) => number | undefined

const largest = 9007199254740991

/** Version 10 and later. */
export function readInteger(value: Json | undefined): number | undefined {
  if (typeof value !== 'number' || Math.floor(value) !== value) return undefined
  return value >= -largest && value <= largest ? value : undefined
}

/** Until version 9: also a text of one decimal integer, with a sign and leading zeroes and white space around it if it likes. */
export function readIntegerOrText(value: Json | undefined): number | undefined {
  if (typeof value !== 'string') return readInteger(value)
  const text = value.trim()
  const digits = text.startsWith('-') || text.startsWith('+') ? text.slice(1) : text
  if (digits === '' || [...digits].some((digit) => !'0123456789'.includes(digit))) return undefined
  const size = [...digits].reduce((sum, digit) => sum * 10 + Number(digit), 0)
  return readInteger(text.startsWith('-') ? -size : size)
}

/** The level that the power levels of a room give a user who is no creator. */
export function givenLevel(powerLevels: RoomEvent, user: string, readLevel: ReadLevel): number {
  const own = readLevel(propertyOf(propertyOf(powerLevels.content, 'users'), user))
  if (own !== undefined) return own
  const usual = readLevel(propertyOf(powerLevels.content, 'users_default'))
  return usual === undefined ? 0 : usual
}

/** Invite level, kick level, ban level. */
export function actionLevel(question: Question, action: 'invite' | 'kick' | 'ban', readLevel: ReadLevel): number {
  const powerLevels = question.state('m.room.power_levels', '')
  const level = powerLevels === undefined ? undefined : readLevel(propertyOf(powerLevels.content, action))
  if (level !== undefined) return level
  return action === 'invite' ? 0 : 50
}

/** Required power level. */
export function requiredLevel(question: Question, readLevel: ReadLevel): number {
  const { event } = question
  const content = question.state('m.room.power_levels', '')?.content
  const listed = readLevel(propertyOf(propertyOf(content, 'events'), event.type))
  if (listed !== undefined) return listed
  const isState = event.state_key !== undefined
  const usual = readLevel(propertyOf(content, isState ? 'state_default' : 'events_default'))
  if (usual !== undefined) return usual
  return isState ? 50 : 0
}

/** True if any signature on `signed` is by any key of a pending third-party invite. */
export function isSignedByKeyOf(pending: RoomEvent, signed: JsonObject, verify: Question['verify']): boolean {
  const message = Buffer.from(
    canonicalJson(
      Object.fromEntries(Object.entries(signed).filter(([key]) => !['signatures', 'unsigned'].includes(key))),
    ),
  )
  for (const signature of signaturesOn(signed))
    for (const key of keysOf(pending)) if (verify(key, message, signature)) return true
  return false
}

function signaturesOn(signed: JsonObject): Uint8Array[] {
  const signatures = propertyOf(signed, 'signatures')
  if (!isObject(signatures)) return []
  return Object.values(signatures)
    .flatMap((ofServer) => (isObject(ofServer) ? Object.entries(ofServer) : []))
    .filter(([keyId]) => keyId.startsWith('ed25519:'))
    .map(([, text]) => bytesOf(text, 64))
    .filter((bytes) => bytes !== undefined)
}

function keysOf(pending: RoomEvent): Uint8Array[] {
  const list = propertyOf(pending.content, 'public_keys')
  const texts = [
    // 1.
    propertyOf(pending.content, 'public_key'),
    // 2.
    ...(Array.isArray(list) ? (list as Json[]).map((entry) => propertyOf(entry, 'public_key')) : []),
  ]
  return texts.map((text) => bytesOf(text, 32)).filter((bytes) => bytes !== undefined)
}

/** So many bytes written as unpadded base64, in either alphabet. */
function bytesOf(text: Json | undefined, length: number): Uint8Array | undefined {
  if (typeof text !== 'string') return undefined
  const bytes = Buffer.from(text, 'base64')
  const isExact = [bytes.toString('base64').replaceAll('=', ''), bytes.toString('base64url')].includes(text)
  return isExact && bytes.length === length ? bytes : undefined
}

/** An entry of two objects that differs between them, with what it was and what it is to be. */
export interface Alteration {
  readonly key: string
  readonly current: number | undefined
  readonly next: number | undefined
}

/** Entries added, changed or removed between two objects of levels. */
export function alterations(current: Json | undefined, next: Json | undefined, readLevel: ReadLevel): Alteration[] {
  const found: Alteration[] = []
  const keys = [...(isObject(current) ? Object.keys(current) : []), ...(isObject(next) ? Object.keys(next) : [])]
  for (const key of new Set(keys)) {
    const before = readLevel(propertyOf(current, key))
    const after = readLevel(propertyOf(next, key))
    if (before !== after) found.push({ key, current: before, next: after })
  }
  return found
}

/** The largest event, in bytes of canonical JSON of its federation form, signatures included. Client-Server API, "Size limits". */
export const maxEventBytes = 65_536
/** The longest `type` and `state_key`, in bytes. Client-Server API, "Size limits". */
export const maxKeyBytes = 255
/** The longest user id, room id, room alias and event id, in bytes. Appendices, "Identifier grammar". */
export const maxIdBytes = 255
/** The most `prev_events` of one event. Room version 4, "Event format". */
export const maxPrevEvents = 20
/** The most `auth_events` of one event. Room version 4, "Event format". */
export const maxAuthEvents = 10
/** The largest `depth`, and the largest integer of canonical JSON: 2^53 - 1. Room version 6, "Event format". */
export const maxDepth = Number.MAX_SAFE_INTEGER
/** How many objects and arrays may lie inside each other. Ours: the specification names no number. */
export const maxJsonDepth = 100
/**
 * The same for the content of an event made here. Less, so that whatever an event is wrapped in on its way (the event itself, lists, a federation
 * transaction, an answer) stays within what readers like ours take.
 */
export const maxContentDepth = 90
/** The most events of one federation transaction. Server-Server API, "Transactions". */
export const maxTransactionEvents = 50
/** The most ephemeral items of one federation transaction. Server-Server API, "Transactions". */
export const maxTransactionEphemerals = 100
/** The longest server name that the specification recommends, in characters. Appendices, "Server Name". */
export const maxServerNameLength = 230

const encoder = new TextEncoder()

/** The UTF-8 bytes of a string. */
export const utf8 = (s: string): Uint8Array => encoder.encode(s)

/** How many bytes a string takes in UTF-8; a lone surrogate counts as three. */
export function utf8Length(s: string): number {
  let bytes = s.length
  for (let i = 0; i < s.length; i++) {
    const unit = s.charCodeAt(i)
    if (unit < 0x80) continue
    if (unit < 0x800) bytes += 1
    else if (isHighSurrogate(unit) && isLowSurrogate(s.charCodeAt(i + 1))) {
      bytes += 2
      i++
    } else bytes += 2
  }
  return bytes
}

const isHighSurrogate = (unit: number): boolean => (unit & 0xfc00) === 0xd800
const isLowSurrogate = (unit: number): boolean => (unit & 0xfc00) === 0xdc00

/** True if a string takes more than `limit` bytes of UTF-8; looks at the text only where its length leaves a doubt. */
export function isLongerThan(s: string, limit: number): boolean {
  if (s.length > limit) return true
  if (s.length * 3 <= limit) return false
  return utf8Length(s) > limit
}

/** True if the string has no lone surrogate. Browsers of before 2023 have no method for it. */
export const isWellFormed: (s: string) => boolean =
  'isWellFormed' in String.prototype ? (s) => s.isWellFormed() : (s) => !/\p{Surrogate}/u.test(s)

import * as z from 'zod/mini'
import { MatrixError } from './errors.ts'
import { isWellFormed, isLongerThan, maxIdBytes } from './limits.ts'

/*
 * Identifiers. Appendices, "Identifier Grammar".
 * A string becomes one of these types only by passing its grammar here, or by being made from parts that did.
 */

declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

/** `@localpart:server`, at most 255 bytes. */
export type UserId = Branded<'UserId'>
/** `!opaque:server` up to room version 11; from version 12 `!` and the reference hash of the create event, without a server. */
export type RoomId = Branded<'RoomId'>
/** `$` and the reference hash of the event; older rooms have other forms. Opaque, case-sensitive. */
export type EventId = Branded<'EventId'>
/** The name of one login of a user. Opaque. */
export type DeviceId = Branded<'DeviceId'>
/** A DNS name, an IPv4 address or a bracketed IPv6 address, with an optional port. Case-sensitive. */
export type ServerName = Branded<'ServerName'>
/** `#alias:server`, at most 255 bytes. */
export type RoomAlias = Branded<'RoomAlias'>
/** The name of a file on the server that it was uploaded to: 1 to 255 of the characters A-Z, a-z, 0-9, `_` and `-`. */
export type MediaId = Branded<'MediaId'>

const ipv4 = /^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$/
const serverNameForm = /^(?:\[([0-9A-Fa-f:.]{2,45})\]|([0-9A-Za-z.-]{1,255}))(?::(\d{1,5}))?$/

/** True for a server name of the grammar; IP addresses must also be possible ones. */
export function isServerName(s: unknown): s is ServerName {
  if (typeof s !== 'string') return false
  const parts = serverNameForm.exec(s)
  if (!parts) return false
  const [, ipv6Address, name] = parts
  if (ipv6Address !== undefined) return isIpv6(ipv6Address)
  return !ipv4.test(name!) || isIpv4(name!)
}

const isIpv4 = (s: string): boolean => ipv4.test(s) && s.split('.').every((part) => Number(part) <= 255)

/** RFC 3513, section 2.2: eight groups of up to four hex digits, `::` once for a run of zeroes, the last two groups as IPv4. */
function isIpv6(s: string): boolean {
  const halves = s.split('::')
  if (halves.length > 2) return false
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  const last = groups.at(-1)
  const endsInIpv4 = last !== undefined && last.includes('.') && !s.endsWith('::')
  if (endsInIpv4 && !isIpv4(groups.pop()!)) return false
  if (!groups.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group))) return false
  const count = groups.length + (endsInIpv4 ? 2 : 0)
  return halves.length === 2 ? count <= 7 : count === 8
}

/** Splits at the first colon: a localpart cannot hold one, a server name can. */
function splitId(s: string, sigil: string): { localpart: string; server: ServerName } | undefined {
  if (s[0] !== sigil || isLongerThan(s, maxIdBytes)) return undefined
  const colon = s.indexOf(':')
  if (colon < 0) return undefined
  const server = s.slice(colon + 1)
  if (!isServerName(server) || !isOpaque(s)) return undefined
  return { localpart: s.slice(1, colon), server }
}

/** Any legal Unicode but U+0000 and lone surrogates. */
const isOpaque = (s: string): boolean => isWellFormed(s) && !s.includes('\u0000')

/**
 * The parts of a user id, or nothing if it is none. Historical localparts (any Unicode but `:` and U+0000, even empty)
 * are accepted, as events with them exist.
 */
export const parseUserId = (s: string): { localpart: string; server: ServerName } | undefined => splitId(s, '@')

/** Ids that were found valid, so that the few hundred senders of a busy node are parsed once; emptied when full. */
const knownUserIds = new Set<string>()
const maxKnownUserIds = 10_000

/** True for a user id; historical localparts are accepted. */
export function isUserId(s: unknown): s is UserId {
  if (typeof s !== 'string') return false
  if (knownUserIds.has(s)) return true
  if (parseUserId(s) === undefined) return false
  if (knownUserIds.size >= maxKnownUserIds) knownUserIds.clear()
  knownUserIds.add(s)
  return true
}

/** Why a name cannot be the localpart of a new user, as a sentence; nothing if it can. The strict rule of Appendices, "User Identifiers". */
export function newLocalpartProblem(s: string): string | undefined {
  if (s === '') return 'A user name needs at least one character'
  if (!/^[a-z0-9._=/+-]+$/.test(s)) return 'A user name may only have the characters a-z, 0-9 and . _ = - / +'
  return undefined
}

/** The id of a new user. Throws M_INVALID_USERNAME if the localpart breaks the strict rule or the whole is longer than 255 bytes. */
export function userIdOf(localpart: string, server: ServerName): UserId {
  const problem = newLocalpartProblem(localpart)
  if (problem !== undefined) throw new MatrixError('M_INVALID_USERNAME', problem)
  const id = `@${localpart}:${server}`
  if (isLongerThan(id, maxIdBytes)) throw new MatrixError('M_INVALID_USERNAME', 'This user name is too long')
  return id as UserId
}

/** The server that a user or an alias belongs to. Room ids have none that means anything. */
export const serverOf = (id: UserId | RoomAlias): ServerName => id.slice(id.indexOf(':') + 1) as ServerName

/** The localpart of a user id or an alias. */
export const localpartOf = (id: UserId | RoomAlias): string => id.slice(1, id.indexOf(':'))

/** 43 characters of URL-safe base64 whose last has no bits beyond the 256 of a hash. */
const hashForm = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/

/** True for the ids of events since room version 4: `$` and a reference hash. */
export const isHashEventId = (s: unknown): s is EventId =>
  typeof s === 'string' && s[0] === '$' && hashForm.test(s.slice(1))

/** True for the ids of rooms since room version 12: `!` and the reference hash of the create event. */
export const isHashRoomId = (s: unknown): s is RoomId =>
  typeof s === 'string' && s[0] === '!' && hashForm.test(s.slice(1))

/** True for a room id of any version. */
export const isRoomId = (s: unknown): s is RoomId =>
  typeof s === 'string' && (isHashRoomId(s) || splitId(s, '!') !== undefined)

/** True for an event id of any version: opaque after the sigil. */
export const isEventId = (s: unknown): s is EventId =>
  typeof s === 'string' && s[0] === '$' && s.length > 1 && !isLongerThan(s, maxIdBytes) && isOpaque(s)

/** True for a room alias. */
export const isRoomAlias = (s: unknown): s is RoomAlias => typeof s === 'string' && splitId(s, '#') !== undefined

/** True for a device id that we keep: not empty, at most 255 bytes, no U+0000. The specification names no grammar. */
export const isDeviceId = (s: unknown): s is DeviceId =>
  typeof s === 'string' && s !== '' && !isLongerThan(s, maxIdBytes) && isOpaque(s)

/** True for the name of a file. Nothing in it can be taken for a path. Client-Server API, "Matrix Content URIs". */
export const isMediaId = (s: unknown): s is MediaId => typeof s === 'string' && /^[A-Za-z0-9_-]{1,255}$/.test(s)

/** The address of a file, and the server that it was uploaded to. */
export interface MediaAddress {
  readonly server: ServerName
  readonly mediaId: MediaId
}

/** The parts of `mxc://server/id`, or nothing if it is none. */
export function parseMxc(uri: unknown): MediaAddress | undefined {
  const [, server, mediaId] = (typeof uri === 'string' && /^mxc:\/\/([^/]+)\/([^/]+)$/.exec(uri)) || []
  return isServerName(server) && isMediaId(mediaId) ? { server, mediaId } : undefined
}

/** `mxc://server/id` */
export const mxcOf = ({ server, mediaId }: MediaAddress): string => `mxc://${server}/${mediaId}`

/** The id of the room that a create event with this id opens, in versions where the room id is its hash. */
export const roomIdOfCreate = (createId: EventId): RoomId => `!${createId.slice(1)}` as RoomId
/** The id of the create event of a room whose id is a hash. */
export const createIdOfRoom = (roomId: RoomId): EventId => `$${roomId.slice(1)}` as EventId

/** Schema of a user id. */
export const userId = z.custom<UserId>(isUserId, 'Not a user id')
/** Schema of a room id. */
export const roomId = z.custom<RoomId>(isRoomId, 'Not a room id')
/** Schema of an event id. */
export const eventId = z.custom<EventId>(isEventId, 'Not an event id')
/** Schema of a room alias. */
export const roomAlias = z.custom<RoomAlias>(isRoomAlias, 'Not a room alias')
/** Schema of a server name. */
export const serverName = z.custom<ServerName>(isServerName, 'Not a server name')
/** Schema of the name of a file. */
export const mediaId = z.custom<MediaId>(isMediaId, 'Not a media id')
/** Schema of a device id. */
export const deviceId = z.custom<DeviceId>(isDeviceId, 'Not a device id')

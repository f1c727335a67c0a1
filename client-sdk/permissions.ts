import { isUserId, type UserId } from '#spec/ids.ts'
import { powerLevelsOf } from '#spec/room/content.ts'
import { defaultRoomVersion, roomVersion } from '#spec/room/versions.ts'
import type { Membership, StateRow } from './store/store.ts'

/** What the user may do in a room. An answer of `true` is a good guess: the node has the last word. */
export interface Permissions {
  readonly invite: boolean
  /** Make this member leave. */
  readonly kick: (userId: UserId) => boolean
  readonly ban: (userId: UserId) => boolean
  readonly unban: (userId: UserId) => boolean
  /** Redact an event of this sender. */
  readonly redact: (sender: UserId) => boolean
  /** Send a message event of this type. */
  readonly send: (type: string) => boolean
  /** Set state of this type. */
  readonly setState: (type: string) => boolean
}

/** The state that levels come from. */
export interface LevelState {
  readonly create: StateRow | undefined
  readonly powerLevels: StateRow | undefined
  readonly version: string | undefined
}

/** The levels of a room: of people, and of what they do. Client-Server API, `m.room.power_levels`. */
export interface Levels {
  readonly of: (userId: UserId) => number
  readonly toInvite: number
  readonly toKick: number
  readonly toBan: number
  readonly toRedact: number
  readonly toSend: (type: string) => number
  readonly toSetState: (type: string) => number
}

/** Reads the levels; what is not said has the default of the specification. */
export function levelsOf({ create, powerLevels, version }: LevelState): Levels {
  const rules = roomVersion(version ?? '') ?? defaultRoomVersion
  const said = powerLevelsOf(rules, powerLevels)
  const creators = creatorsOf(create)
  const withoutEvent = (userId: UserId): number => (creators.has(userId) ? 100 : 0)
  return {
    of: (userId) => {
      if (rules.privilegedCreators && creators.has(userId)) return Infinity
      return said ? (said.users.get(userId) ?? said.users_default ?? 0) : withoutEvent(userId)
    },
    toInvite: said?.invite ?? 0,
    toKick: said?.kick ?? 50,
    toBan: said?.ban ?? 50,
    toRedact: said?.redact ?? 50,
    toSend: (type) => said?.events.get(type) ?? said?.events_default ?? 0,
    toSetState: (type) => said?.events.get(type) ?? said?.state_default ?? (said ? 50 : 0),
  }
}

/** The sender of the create event, and from version 12 on those it names beside. */
function creatorsOf(create: StateRow | undefined): ReadonlySet<UserId> {
  if (!create) return new Set()
  const others = create.content['additional_creators']
  return new Set([create.sender, ...(Array.isArray(others) ? others.filter(isUserId) : [])])
}

/** What a user with this membership may do. */
export function permissionsOf(levels: Levels, own: UserId | undefined, membership: Membership): Permissions {
  const isIn = own !== undefined && membership === 'join'
  const level = isIn ? levels.of(own) : -Infinity
  const isAbove = (userId: UserId): boolean => isIn && level > levels.of(userId)
  const send = (type: string): boolean => isIn && level >= levels.toSend(type)
  return {
    invite: isIn && level >= levels.toInvite,
    kick: (userId) => level >= levels.toKick && isAbove(userId),
    ban: (userId) => level >= levels.toBan && isAbove(userId),
    unban: (userId) => level >= Math.max(levels.toBan, levels.toKick) && isAbove(userId),
    redact: (sender) => send('m.room.redaction') && (sender === own || level >= levels.toRedact),
    send,
    setState: (type) => isIn && level >= levels.toSetState(type),
  }
}

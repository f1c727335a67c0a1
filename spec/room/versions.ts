import { MatrixError } from '#spec/errors.ts'

/*
 * Room versions as a table of named flags. Rules ask a flag, never a version number.
 * Source: the room version pages, 6 to 12. Each flag's comment names the version that brought it.
 */

/** What one room version does. */
export interface RoomVersion {
  readonly id: string
  /** 7: the membership and the join rule `knock`. */
  readonly knocking: boolean
  /** 8: the join rule `restricted`, and joins authorised by another server's user. */
  readonly restrictedJoins: boolean
  /** 8: redaction keeps `allow` of join rules. */
  readonly redactionKeepsAllow: boolean
  /** 9: redaction keeps `join_authorised_via_users_server` of memberships. */
  readonly redactionKeepsAuthorisingUser: boolean
  /** 10: the join rule `knock_restricted`. */
  readonly knockRestrictedJoins: boolean
  /** 10: power levels are integers; before, strings that hold one are read as one. */
  readonly integerPowerLevels: boolean
  /** until 10: the create event names the creator in `content.creator`; from 11 its sender is the creator. */
  readonly creatorInContent: boolean
  /** 11: `redacts` stands in the content of a redaction. */
  readonly redactsInContent: boolean
  /**
   * 11: redaction keeps all of a create event, `invite` of power levels, `redacts` of redactions and the signed part of
   * third-party invites, and no longer keeps the top-level `origin`, `membership` and `prev_state`.
   */
  readonly updatedRedaction: boolean
  /** 12: the room id is the hash of the create event, which has no `room_id` and is never cited in `auth_events`. */
  readonly roomIdIsCreateHash: boolean
  /** 12: the sender of the create event and its `additional_creators` stand above every power level. */
  readonly privilegedCreators: boolean
  /** 12: state resolution 2.1: starts from an empty state and takes in the conflicted state subgraph. */
  readonly resolvesFromEmptyState: boolean
  /** The prefixes under which this version's list numbers the rules of version 12; `undefined`: it has no such rule. First match counts. */
  readonly ruleNumbers: readonly (readonly [ofVersion12: string, here: string | undefined])[]
}

type Flags = Omit<RoomVersion, 'id' | 'ruleNumbers'>

const flags6: Flags = {
  knocking: false,
  restrictedJoins: false,
  redactionKeepsAllow: false,
  redactionKeepsAuthorisingUser: false,
  knockRestrictedJoins: false,
  integerPowerLevels: false,
  creatorInContent: true,
  redactsInContent: false,
  updatedRedaction: false,
  roomIdIsCreateHash: false,
  privilegedCreators: false,
  resolvesFromEmptyState: false,
}
const flags7: Flags = { ...flags6, knocking: true }
const flags8: Flags = { ...flags7, restrictedJoins: true, redactionKeepsAllow: true }
const flags9: Flags = { ...flags8, redactionKeepsAuthorisingUser: true }
const flags10: Flags = { ...flags9, knockRestrictedJoins: true, integerPowerLevels: true }
const flags11: Flags = { ...flags10, creatorInContent: false, redactsInContent: true, updatedRedaction: true }
const flags12: Flags = { ...flags11, roomIdIsCreateHash: true, privilegedCreators: true, resolvesFromEmptyState: true }

type Numbers = RoomVersion['ruleNumbers']

// Version 12 put in a rule 2, which moved the later ones up by one, and a rule 10.4.
const numbersAfterCreate: Numbers = [
  ['3', '2'],
  ['4', '3'],
  ['5', '4'],
  ['6', '5'],
  ['7', '6'],
  ['8', '7'],
  ['9', '8'],
]
// Without a rule 10.4 what follows counts one less, and one more of integer checks before version 10 (10.1, 10.2).
const numbers10: Numbers = [
  ['10.4', undefined],
  ...[5, 6, 7, 8, 9, 10].map((n) => [`10.${n}`, `9.${n - 1}`] as const),
  ['10', '9'],
  ['11', '10'],
  ...numbersAfterCreate,
]
const numbers8: Numbers = [
  ['10.1', undefined],
  ['10.2', undefined],
  ['10.3', '9.1'],
  ['10.4', undefined],
  ...[5, 6, 7, 8, 9, 10].map((n) => [`10.${n}`, `9.${n - 3}`] as const),
  ['10', '9'],
  ['11', '10'],
  ...numbersAfterCreate,
]
// Before restricted joins: no 5.2, no 5.3.5; before knocking: no 5.7.
const numbers7: Numbers = [
  ['5.2', undefined],
  ['5.3.5', undefined],
  ['5.3.6', '4.2.5'],
  ['5.3.7', '4.2.6'],
  ...[3, 4, 5, 6, 7, 8].map((n) => [`5.${n}`, `4.${n - 1}`] as const),
  ...numbers8,
]
const numbers6: Numbers = [['5.7', undefined], ['5.8', '4.6'], ...numbers7]

const table: readonly RoomVersion[] = [
  { id: '6', ...flags6, ruleNumbers: numbers6 },
  { id: '7', ...flags7, ruleNumbers: numbers7 },
  { id: '8', ...flags8, ruleNumbers: numbers8 },
  { id: '9', ...flags9, ruleNumbers: numbers8 },
  { id: '10', ...flags10, ruleNumbers: numbers10 },
  { id: '11', ...flags11, ruleNumbers: numbers10 },
  { id: '12', ...flags12, ruleNumbers: [] },
]
const byId: ReadonlyMap<string, RoomVersion> = new Map(table.map((version) => [version.id, version]))

/** The ids of the versions in the table, oldest first. */
export const roomVersionIds: readonly string[] = table.map((version) => version.id)

/** The version of new rooms. */
export const defaultRoomVersion: RoomVersion = byId.get('12')!

/** A room version by its id; nothing if this software does not know it. */
export const roomVersion = (id: string): RoomVersion | undefined => byId.get(id)

/** A room version by its id. Throws M_UNSUPPORTED_ROOM_VERSION with its name. */
export function requireRoomVersion(id: string): RoomVersion {
  const version = byId.get(id)
  if (!version) throw unsupportedRoomVersion(id)
  return version
}

/** 400: this software does not know the room version. */
export const unsupportedRoomVersion = (id: string): MatrixError =>
  new MatrixError('M_UNSUPPORTED_ROOM_VERSION', `Room version ${id.slice(0, 32)} is not supported`)

/** The number under which a version's own list has a rule of version 12: `5.3.3` is `4.3.3` in version 11. */
export function ruleNumberIn(version: RoomVersion, ofVersion12: string): string {
  for (const [prefix, here] of version.ruleNumbers) {
    if (ofVersion12 !== prefix && !ofVersion12.startsWith(prefix + '.')) continue
    return here === undefined ? ofVersion12 : here + ofVersion12.slice(prefix.length)
  }
  return ofVersion12
}

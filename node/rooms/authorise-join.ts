import { isUserId, serverOf, type RoomId, type UserId } from '#spec/ids.ts'
import { isJsonObject } from '#spec/json.ts'
import { actionLevelOf, creatorsOf, powerLevelOf } from '#spec/room/auth.ts'
import { joinRuleOf, member } from '#spec/room/content.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import { stateKeyOf } from '#spec/room/resolve/state-map.ts'
import type { Deps } from '#node/deps.ts'
import { membershipIn } from './membership-in.ts'
import { readPieces, type Room } from './room.ts'
import * as store from './store.ts'
import { allowedRoomsOf } from './summary.ts'

/**
 * Who vouches for somebody that joins a restricted room without an invite: a member of this server who may invite, if the one who joins is
 * in one of the rooms that the join rules name. Nobody where the room is not restricted, or no condition is met.
 * Client-Server API, "Restricted rooms"; Server-Server API, "Restricted rooms".
 */
export async function findAuthorisingUser(deps: Deps, room: Room, joiner: UserId): Promise<UserId | undefined> {
  const types = ['m.room.join_rules', 'm.room.power_levels', 'm.room.create'] as const
  const pieces = await readPieces(
    deps,
    room,
    types.map((type) => [type, ''] as const),
  )
  const [rules, levels, create] = types.map((type) => pieces.get(stateKeyOf(type, '')))
  if (rules === undefined || !isRestricted(room, rules)) return undefined
  if (!(await isInAny(deps, joiner, allowedRoomsOf(rules.content)))) return undefined
  const needed = actionLevelOf(room.version, 'invite', levels)
  const mayInvite = (user: UserId) => powerLevelOf(room.version, user, levels, create) >= needed
  const listed = levels && member(levels.content, 'users')
  const named = [...creatorsOf(room.version, create!), ...(isJsonObject(listed) ? Object.keys(listed) : [])]
  const anybody = await store.readSomeMember(deps.sql, room.id, deps.config.serverName)
  for (const user of [...named, ...anybody]) {
    if (!isUserId(user) || serverOf(user) !== deps.config.serverName || !mayInvite(user)) continue
    if ((await membershipIn(deps, room, user)) === 'join') return user
  }
  return undefined
}

function isRestricted({ version }: Room, rules: RoomEvent): boolean {
  const rule = joinRuleOf(rules)
  return (
    (rule === 'restricted' && version.restrictedJoins) || (rule === 'knock_restricted' && version.knockRestrictedJoins)
  )
}

async function isInAny(deps: Deps, user: UserId, rooms: readonly RoomId[]): Promise<boolean> {
  return rooms.length > 0 && (await store.isJoinedToAny(deps.sql, user, rooms))
}

import type { UserId } from '#spec/ids.ts'
import { powerLevelOf, requiredLevelOf } from '#spec/room/auth.ts'
import { stateKeyOf } from '#spec/room/resolve/state-map.ts'
import type { Deps } from '#node/deps.ts'
import { membershipIn } from './membership-in.ts'
import { readPieces, type Room } from './room.ts'

/** Whether somebody is in the room and has the power to set state of a type. */
export async function maySetState(deps: Deps, room: Room, user: UserId, type: string): Promise<boolean> {
  if ((await membershipIn(deps, room, user)) !== 'join') return false
  const needs = [
    ['m.room.power_levels', ''],
    ['m.room.create', ''],
  ] as const
  const pieces = await readPieces(deps, room, needs)
  const [levels, create] = needs.map(([piece, key]) => pieces.get(stateKeyOf(piece, key)))
  return powerLevelOf(room.version, user, levels, create) >= requiredLevelOf(room.version, type, true, levels)
}

import { invalidParam, MatrixError, notFound } from '#spec/errors.ts'
import { isRoomAlias, isRoomId, type RoomAlias, type RoomId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import { member } from '#spec/room/content.ts'
import type { Deps } from '#node/deps.ts'
import * as store from './store.ts'

/** The room that a path names, by id or alias. Throws M_NOT_FOUND. */
export async function resolveAlias(deps: Deps, idOrAlias: RoomId | RoomAlias): Promise<RoomId> {
  if (isRoomId(idOrAlias)) return idOrAlias
  const roomId = await store.readAlias(deps.sql, idOrAlias)
  if (roomId === undefined) throw notFound(`No room is known as ${idOrAlias}.`)
  return roomId
}

/** Throws unless every alias that the content adds to the one before leads to this room. Client-Server API, "m.room.canonical_alias". */
export async function checkAliases(
  deps: Deps,
  roomId: RoomId,
  content: JsonObject,
  before: JsonObject = {},
): Promise<void> {
  const present = new Set(aliasesIn(before))
  for (const alias of aliasesIn(content)) {
    if (present.has(alias)) continue
    if (!isRoomAlias(alias)) throw invalidParam('An alias is written like #name:server.')
    if ((await store.readAlias(deps.sql, alias)) !== roomId)
      throw new MatrixError('M_BAD_ALIAS', `${alias} does not lead to this room.`)
  }
}

/** Whatever stands where aliases should; an empty or absent main alias is none. */
function aliasesIn(content: JsonObject): unknown[] {
  const main = member(content, 'alias') ?? ''
  const others = member(content, 'alt_aliases') ?? []
  return [...(main === '' ? [] : [main]), ...(Array.isArray(others) ? others : [others])]
}

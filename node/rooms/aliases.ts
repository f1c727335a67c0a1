import { forbidden, invalidParam, MatrixError, notFound } from '#spec/errors.ts'
import { isRoomAlias, isRoomId, localpartOf, serverOf, type RoomAlias, type RoomId, type UserId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import type { EventDraft } from '#spec/room/build.ts'
import { member } from '#spec/room/content.ts'
import { askForAlias } from '#node/accounts/appservices/ask.ts'
import { checkAliasNotExclusive, ownsAlias } from '#node/accounts/appservices/appservices.ts'
import type { Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'
import { write } from '#node/stream/commit.ts'
import { appendEvents } from './append-event.ts'
import { aliasKind, aliasRemovalKind } from './facts.ts'
import { maySetState } from './may-set-state.ts'
import { checkInside } from './membership-in.ts'
import { outside, readPiece, type Room } from './room.ts'
import { viewOf } from './room-view.ts'
import * as store from './store.ts'

/** The room that a path names, by id or alias: an application service may make it at this moment. Throws M_NOT_FOUND. */
export async function resolveAlias(deps: Deps, idOrAlias: RoomId | RoomAlias): Promise<RoomId> {
  if (isRoomId(idOrAlias)) return idOrAlias
  const known = await store.readAlias(deps.sql, idOrAlias)
  const roomId =
    known ?? ((await askForAlias(deps, idOrAlias)) ? await store.readAlias(deps.sql, idOrAlias) : undefined)
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

/** The same for a room that is being made: nothing leads to it but the alias that is made with it. */
export function checkAliasesOfNewRoom(content: JsonObject, own: RoomAlias | undefined): void {
  for (const alias of aliasesIn(content)) {
    if (!isRoomAlias(alias)) throw invalidParam('An alias is written like #name:server.')
    if (alias !== own) throw new MatrixError('M_BAD_ALIAS', `${alias} does not lead to this room.`)
  }
}

/** Whatever stands where aliases should; an empty or absent main alias is none. */
function aliasesIn(content: JsonObject): unknown[] {
  const main = member(content, 'alias') ?? ''
  const others = member(content, 'alt_aliases') ?? []
  return [...(main === '' ? [] : [main]), ...(Array.isArray(others) ? others : [others])]
}

/** Throws M_INVALID_PARAM unless it can be an alias of this server. */
export function checkLocalAlias(deps: Deps, alias: string): asserts alias is RoomAlias {
  if (!isRoomAlias(alias)) throw invalidParam('An alias is written like #name:server.')
  if (serverOf(alias) !== deps.config.serverName)
    throw invalidParam(`An alias of ${serverOf(alias)} is made and removed there.`)
  if (!/^[^\s:]+$/u.test(localpartOf(alias)))
    throw invalidParam('The name in an alias has at least one character, no blank and no colon.')
}

const aliasTaken = (alias: RoomAlias) =>
  new MatrixError('M_UNKNOWN', `${alias} leads to a room already.`, { status: 409 })

/** Makes an alias of this server lead to a room. */
export async function setAlias(
  deps: Deps,
  { userId, appservice }: Identity,
  alias: RoomAlias,
  roomId: RoomId,
): Promise<void> {
  checkLocalAlias(deps, alias)
  checkAliasNotExclusive(deps, alias, userId, appservice)
  try {
    await appendEvents(deps, roomId, async (room) => {
      await checkInside(deps, room, userId)
      if (await store.readAlias(deps.sql, alias)) throw aliasTaken(alias)
      return { drafts: [], beside: [write(aliasKind, { alias, roomId, createdBy: userId })] }
    })
  } catch (error) {
    throw isAliasTaken(error) ? aliasTaken(alias) : error
  }
}

/** Of two who take an alias at once, the database refuses one. */
export const isAliasTaken = (error: unknown): boolean =>
  error instanceof Error && 'constraint_name' in error && error.constraint_name === 'room_aliases_pkey'

/** Takes an alias away, and out of the room's own list where the caller may change that. */
export async function deleteAlias(
  deps: Deps,
  { userId, isAdmin, appservice }: Identity,
  alias: RoomAlias,
): Promise<void> {
  if (!isAdmin) checkAliasNotExclusive(deps, alias, userId)
  const owner = await store.readAliasOwner(deps.sql, alias)
  if (owner === undefined) throw notFound(`No room is known as ${alias}.`)
  await appendEvents(deps, owner.roomId, async (room) => {
    const mayTell = await maySetState(deps, room, userId, 'm.room.canonical_alias')
    if (!isAdmin && owner.createdBy !== userId && !mayTell && !ownsAlias(deps, alias, appservice))
      throw forbidden('An alias is removed by those who made it, and by those who may set the aliases of the room.')
    const drafts = mayTell ? await withoutAlias(deps, room, userId, alias) : []
    return { drafts, beside: [write(aliasRemovalKind, alias)] }
  })
}

async function withoutAlias(deps: Deps, room: Room, sender: UserId, alias: RoomAlias): Promise<EventDraft[]> {
  const piece = await readPiece(deps, room, 'm.room.canonical_alias', '')
  if (piece === undefined || !aliasesIn(piece.content).includes(alias)) return []
  const content = withAliases(piece.content, (one) => one !== alias)
  return [{ type: 'm.room.canonical_alias', sender, state_key: '', content }]
}

function withAliases(content: JsonObject, isKept: (alias: unknown) => boolean): JsonObject {
  const { alias: main, alt_aliases: others, ...rest } = content
  return {
    ...rest,
    ...(main !== undefined && isKept(main) && { alias: main }),
    ...(others !== undefined && { alt_aliases: Array.isArray(others) ? others.filter(isKept) : others }),
  }
}

/** The aliases that a room tells of: those that go along to the room that stands in for it, and those that stay. */
export interface KeptAliases {
  readonly kept: JsonObject
  readonly left: JsonObject
}

/** What a room tells of its aliases, taken apart by whether this server can make them lead elsewhere. */
export async function splitAliases(deps: Deps, room: Room): Promise<KeptAliases> {
  const piece = await readPiece(deps, room, 'm.room.canonical_alias', '')
  const own = new Set<unknown>((await store.readAliasesOf(deps.sql, room.id)).map(({ alias }) => alias))
  const content = piece?.content ?? {}
  if (!aliasesIn(content).some((alias) => own.has(alias))) return { kept: {}, left: content }
  return {
    kept: withAliases(content, (alias) => own.has(alias)),
    left: withAliases(content, (alias) => !own.has(alias)),
  }
}

/** The aliases of this server that lead to a room, for those who are in it; for everybody if all the world may read it. */
export async function readAliases(deps: Deps, userId: UserId, roomId: RoomId): Promise<RoomAlias[]> {
  const view = await viewOf(deps, userId, roomId)
  if (!view.isCurrent) throw outside()
  return (await store.readAliasesOf(deps.sql, roomId)).map(({ alias }) => alias)
}

import { maxTagsPerRoom } from '#spec/api/client/tags.ts'
import { invalidParam } from '#spec/errors.ts'
import type { RoomId, UserId } from '#spec/ids.ts'
import { isJsonObject, type JsonObject } from '#spec/json.ts'
import { isLongerThan, maxKeyBytes } from '#spec/limits.ts'
import type { Deps } from '#node/deps.ts'
import { inTurn } from '#node/stream/in-turn.ts'
import { putAccountData } from './account-data.ts'
import { readAccountData } from './store.ts'

const placeOf = (userId: UserId, roomId: RoomId) => ({ userId, roomId, type: 'm.tag' })

/** A user's tags on a room. What a client has written into `m.tag` that is no object is no tag. */
export async function readTags(deps: Deps, userId: UserId, roomId: RoomId): Promise<JsonObject> {
  return tagsIn(await readContent(deps, userId, roomId))
}

async function readContent(deps: Deps, userId: UserId, roomId: RoomId): Promise<JsonObject> {
  const text = await readAccountData(deps.sql, placeOf(userId, roomId))
  return text === undefined ? {} : (JSON.parse(text) as JsonObject)
}

const tagsIn = ({ tags }: JsonObject): JsonObject => (isJsonObject(tags) ? tags : {})

/** Sets a tag, or takes it off where `value` is `undefined`. Of several changes at once none gets lost. */
export async function changeTag(
  deps: Deps,
  userId: UserId,
  { roomId, tag, value }: { roomId: RoomId; tag: string; value: JsonObject | undefined },
): Promise<void> {
  if (tag === '' || isLongerThan(tag, maxKeyBytes)) throw invalidParam(`A tag has 1 to ${maxKeyBytes} bytes.`)
  await inTurn(deps, `tags ${userId} ${roomId}`, async () => {
    const content = await readContent(deps, userId, roomId)
    const tags = new Map(Object.entries(tagsIn(content)))
    if (value === undefined && !tags.has(tag)) return
    if (value === undefined) tags.delete(tag)
    else tags.set(tag, value)
    if (tags.size > maxTagsPerRoom) throw invalidParam(`A room has at most ${maxTagsPerRoom} tags.`)
    await putAccountData(deps, placeOf(userId, roomId), { ...content, tags: Object.fromEntries(tags) })
  })
}

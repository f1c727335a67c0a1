import * as api from '#spec/api/client/key-backup.ts'
import { notFound } from '#spec/errors.ts'
import type { RoomId } from '#spec/ids.ts'
import { RawJson, route, type Route } from '#node/http/route.ts'
import { findKeys, removeKeys, sessionsText, storeKeys, type SessionKey } from './backed-up-keys.ts'
import { createBackup, deleteBackup, describeBackup, findBackup, updateBackup } from './versions.ts'

const keysOf = (roomId: RoomId, { sessions }: { sessions: Readonly<Record<string, SessionKey[2]>> }): SessionKey[] =>
  Object.entries(sessions).map(([sessionId, key]) => [roomId, sessionId, key])

const versions: readonly Route[] = [
  route(api.createBackup, async (deps, { identity, body }) => ({
    version: await createBackup(deps, identity.userId, body),
  })),
  route(api.getCurrentBackup, async (deps, { identity }) => describeBackup(await findBackup(deps, identity.userId))),
  route(api.getBackup, async (deps, { identity, params }) =>
    describeBackup(await findBackup(deps, identity.userId, params.version)),
  ),
  route(api.updateBackup, async (deps, { identity, params, body }) => {
    await updateBackup(deps, identity.userId, params.version, body)
    return {}
  }),
  route(api.deleteBackup, async (deps, { identity, params }) => {
    await deleteBackup(deps, identity.userId, params.version)
    return {}
  }),
]

const storing: readonly Route[] = [
  route(api.putRoomKeys, (deps, { identity, query, body }) => {
    const keys = Object.entries(body.rooms).flatMap(([roomId, room]) => keysOf(roomId as RoomId, room))
    return storeKeys(deps, identity.userId, query.version, keys)
  }),
  route(api.putRoomKeysByRoom, (deps, { identity, params, query, body }) =>
    storeKeys(deps, identity.userId, query.version, keysOf(params.roomId, body)),
  ),
  route(api.putRoomKeyBySession, (deps, { identity, params, query, body }) =>
    storeKeys(deps, identity.userId, query.version, [[params.roomId, params.sessionId, body]]),
  ),
]

const reading: readonly Route[] = [
  route(api.getRoomKeys, async (deps, { identity, query }) => {
    const rooms = await findKeys(deps, identity.userId, query.version, {})
    const texts = [...rooms].map(([roomId, keys]) => `${JSON.stringify(roomId)}:${sessionsText(keys)}`)
    return new RawJson(`{"rooms":{${texts.join(',')}}}`)
  }),
  route(api.getRoomKeysByRoom, async (deps, { identity, params, query }) => {
    const rooms = await findKeys(deps, identity.userId, query.version, params)
    return new RawJson(sessionsText(rooms.get(params.roomId)))
  }),
  route(api.getRoomKeyBySession, async (deps, { identity, params, query }) => {
    const rooms = await findKeys(deps, identity.userId, query.version, params)
    const key = rooms.get(params.roomId)?.get(params.sessionId)
    if (key === undefined) throw notFound('There is no key of this session in the backup.')
    return new RawJson(key)
  }),
]

const deleting: readonly Route[] = [
  route(api.deleteRoomKeys, (deps, { identity, query }) => removeKeys(deps, identity.userId, query.version, {})),
  route(api.deleteRoomKeysByRoom, (deps, { identity, params, query }) =>
    removeKeys(deps, identity.userId, query.version, params),
  ),
  route(api.deleteRoomKeyBySession, (deps, { identity, params, query }) =>
    removeKeys(deps, identity.userId, query.version, params),
  ),
]

export const routes: readonly Route[] = [...versions, ...storing, ...reading, ...deleting]

import * as api from '#spec/api/client/keys.ts'
import { requireDevice } from '#node/accounts/appservices/require-device.ts'
import { route, type Route } from '#node/http/route.ts'
import { readRoomsOf } from '#node/rooms/store.ts'
import { parseToken } from '#node/rooms/room-view.ts'
import { claimKeys } from './claim-keys.ts'
import { deviceListsSince } from './device-lists.ts'
import { queryKeys } from './query-keys.ts'
import { uploadKeys } from './upload-keys.ts'
import { uploadSignatures } from './upload-signatures.ts'
import { uploadSigningKeys } from './upload-signing-keys.ts'

export const routes: readonly Route[] = [
  route(api.uploadKeys, async (deps, { identity, body }) => {
    requireDevice(identity)
    return { one_time_key_counts: await uploadKeys(deps, identity, body) }
  }),
  route(api.queryKeys, (deps, { identity, body }) => queryKeys(deps, identity.userId, body)),
  route(api.claimKeys, (deps, { body }) => claimKeys(deps, body)),
  route(api.getKeyChanges, async (deps, { identity, query }) => {
    parseToken(query.to)
    const rooms = (await readRoomsOf(deps.sql, identity.userId, 'join')).map((row) => row.roomId)
    const lists = await deviceListsSince(deps, identity.userId, parseToken(query.from), rooms)
    return { changed: [...lists.changed], left: [...lists.left] }
  }),
  route(api.uploadSigningKeys, async (deps, { identity, body, address }) => {
    await uploadSigningKeys(deps, identity, body, address)
    return {}
  }),
  route(api.uploadSignatures, async (deps, { identity, body }) => ({
    failures: await uploadSignatures(deps, identity.userId, body),
  })),
]

import { getPublicRooms, queryPublicRooms } from '#spec/api/client/room-directory.ts'
import * as previews from '#spec/api/client/room-previews.ts'
import { getHierarchy } from '#spec/api/client/spaces.ts'
import { searchUserDirectory } from '#spec/api/client/user-directory.ts'
import type { Deps } from '#node/deps.ts'
import { route, type Call, type Route } from '#node/http/route.ts'
import { readHierarchy } from './hierarchy.ts'
import { listRooms } from './list-rooms.ts'
import { searchUsers } from './search-users.ts'
import { summariseRoom, withUnstableNames } from './summarise-room.ts'

const summary = (deps: Deps, { params, identity }: Call<typeof previews.getRoomSummary>) =>
  summariseRoom(deps, identity?.userId, params.roomIdOrAlias)
const unstableSummary = async (deps: Deps, call: Call<typeof previews.getRoomSummary>) =>
  withUnstableNames(await summary(deps, call))

export const routes: readonly Route[] = [
  route(searchUserDirectory, (deps, { identity, body }) =>
    searchUsers(deps, identity.userId, { term: body.search_term, limit: body.limit }),
  ),
  route(getPublicRooms, (deps, { query }) => listRooms(deps, query)),
  route(queryPublicRooms, (deps, { query, body }) => listRooms(deps, { ...body, server: query.server })),
  route(previews.getRoomSummary, summary),
  route(previews.getUnstableRoomSummary, unstableSummary),
  route(previews.getOldUnstableRoomSummary, unstableSummary),
  route(getHierarchy, (deps, { params, query, identity }) =>
    readHierarchy(deps, identity.userId, params.roomId, query),
  ),
]

import { getPublicRooms, queryPublicRooms } from '#spec/api/client/room-directory.ts'
import { searchUserDirectory } from '#spec/api/client/user-directory.ts'
import { route, type Route } from '#node/http/route.ts'
import { listRooms } from './list-rooms.ts'
import { searchUsers } from './search-users.ts'

export const routes: readonly Route[] = [
  route(searchUserDirectory, (deps, { identity, body }) =>
    searchUsers(deps, identity.userId, { term: body.search_term, limit: body.limit }),
  ),
  route(getPublicRooms, (deps, { query }) => listRooms(deps, query)),
  route(queryPublicRooms, (deps, { query, body }) => listRooms(deps, { ...body, server: query.server })),
]

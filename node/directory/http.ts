import { searchUserDirectory } from '#spec/api/client/user-directory.ts'
import { route, type Route } from '#node/http/route.ts'
import { searchUsers } from './search-users.ts'

export const routes: readonly Route[] = [
  route(searchUserDirectory, (deps, { identity, body }) =>
    searchUsers(deps, identity.userId, { term: body.search_term, limit: body.limit }),
  ),
]

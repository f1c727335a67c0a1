import { maxDirectoryResults, type searchUserDirectory } from '#spec/api/client/user-directory.ts'
import type { ResponseOf } from '#spec/endpoint.ts'
import type { UserId } from '#spec/ids.ts'
import { fold } from '#node/accounts/fold.ts'
import type { Deps } from '#node/deps.ts'
import { findUsers, type Search } from './store.ts'

/** Finds people of this server. Everybody finds everybody: the people of a server belong together. */
export async function searchUsers(
  deps: Deps,
  asker: UserId,
  query: { term: string; limit: number },
): Promise<ResponseOf<typeof searchUserDirectory>> {
  const limit = Math.min(query.limit, maxDirectoryResults)
  const search = readTerm(query.term, deps.config.serverName)
  const rows = search ? await findUsers(deps.sql, asker, search, limit + 1) : []
  const results = rows.slice(0, limit).map(({ userId, displayname, avatarUrl }) => ({
    user_id: userId,
    ...(displayname !== null && { display_name: displayname }),
    ...(avatarUrl !== null && { avatar_url: avatarUrl }),
  }))
  return { results, limited: rows.length > limit }
}

/** Nothing for a user id that cannot be of this server. Its server is compared as far as it is typed. */
export function readTerm(term: string, ownServer: string): Search | undefined {
  const folded = fold(term)
  if (!folded.startsWith('@')) return { words: folded.split(' ').filter(Boolean), isUserId: false }
  const [localpart = '', ...server] = folded.slice(1).split(':')
  if (!ownServer.startsWith(server.join(':'))) return undefined
  return { words: server.length > 0 ? [`${localpart}\n`] : [localpart], isUserId: true }
}

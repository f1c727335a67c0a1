import type { UserId } from '#spec/ids.ts'
import type { Read } from '#node/db/transaction.ts'

export interface FoundRow {
  readonly userId: UserId
  readonly displayname: string | null
  readonly avatarUrl: string | null
}

/** What is searched for: every word must occur, folded as `accounts.search_text` is. */
export interface Search {
  readonly words: readonly string[]
  /** Only localparts that begin with the term: it was written as a user id. */
  readonly isUserId: boolean
}

/** `%`, `_` and `\` mean themselves. */
const escapeLike = (text: string): string => text.replace(/[\\%_]/g, '\\$&')

/**
 * People of this server, best first: the term is the name, then begins it, then begins a word of it, then occurs in it. `search_text` is the localpart,
 * a line feed, and the display name.
 */
export function findUsers(sql: Read, asker: UserId, { words, isUserId }: Search, limit: number) {
  const term = escapeLike(words.join(' '))
  const wanted = isUserId ? [`${term}%`] : words.map((word) => `%${escapeLike(word)}%`)
  return sql<FoundRow[]>`
    select user_id as "userId", displayname, avatar_url as "avatarUrl"
    from accounts
    where deactivated_at is null and user_id <> ${asker} and search_text like all(${wanted}::text[])
    order by
      case
        when search_text like ${`${term}\n%`} or search_text like ${`%\n${term}`} then 0
        when search_text like ${`${term}%`} or search_text like ${`%\n${term}%`} then 1
        when search_text like ${`% ${term}%`} then 2
        else 3
      end,
      displayname is null and avatar_url is null, split_part(search_text, ${'\n'}, 2), user_id
    limit ${limit}`
}

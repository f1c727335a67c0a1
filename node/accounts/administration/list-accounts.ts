import type { listUsers } from '#spec/api/admin/users.ts'
import type { QueryOf, ResponseOf } from '#spec/endpoint.ts'
import { invalidParam, notFound } from '#spec/errors.ts'
import { serverOf, type UserId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import { writeSeen } from '../last-seen.ts'
import * as store from './store.ts'

type Listed = ResponseOf<typeof listUsers>['users'][number]

const listed = (row: store.AccountRow): Listed => ({
  name: row.userId,
  displayname: row.displayname,
  avatar_url: row.avatarUrl,
  admin: row.isAdmin,
  deactivated: row.isDeactivated,
  erased: row.isErased,
  locked: row.isLocked,
  suspended: row.isSuspended,
  is_guest: false,
  shadow_banned: false,
  user_type: null,
  creation_ts: row.createdAt,
  last_seen_ts: row.lastSeenAt,
})

/** A page of the accounts of this server. */
export async function listAccounts(
  deps: Deps,
  query: QueryOf<typeof listUsers>,
): Promise<ResponseOf<typeof listUsers>> {
  await writeSeen(deps)
  const [rows, total] = await Promise.all([store.readAccounts(deps.sql, query), store.countAccounts(deps.sql, query)])
  const next = query.from + rows.length
  return { users: rows.map(listed), ...(rows.length > 0 && next < total && { next_token: String(next) }), total }
}

/** One account, also one that has ended. Throws M_NOT_FOUND; M_INVALID_PARAM for a user of another server. */
export async function findAccount(deps: Deps, userId: UserId): Promise<store.AccountRow> {
  if (serverOf(userId) !== deps.config.serverName) throw invalidParam('This is a user of another server.')
  const row = await store.readAccount(deps.sql, userId)
  if (row === undefined) throw notFound('There is no such user.')
  return row
}

export async function showAccount(deps: Deps, userId: UserId) {
  await writeSeen(deps)
  const row = await findAccount(deps, userId)
  return {
    ...listed(row),
    creation_ts: Math.floor(row.createdAt / 1000),
    threepids: [],
    external_ids: [],
    appservice_id: row.appserviceId,
  }
}

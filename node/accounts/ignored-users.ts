import type { UserId } from '#spec/ids.ts'
import type { Read } from '#node/db/transaction.ts'
import { isJsonObject, type Json } from '#spec/json.ts'
import { readAccountData } from './store.ts'

/** Whom a user ignores, as m.ignored_user_list has it. Client-Server API, "Ignoring users". */
export async function readIgnoredUsers(sql: Read, userId: UserId): Promise<UserId[]> {
  const text = await readAccountData(sql, { userId, roomId: '', type: 'm.ignored_user_list' })
  if (text === undefined) return []
  const ignored = (JSON.parse(text) as { ignored_users?: Json }).ignored_users
  return isJsonObject(ignored) ? (Object.keys(ignored) as UserId[]) : []
}

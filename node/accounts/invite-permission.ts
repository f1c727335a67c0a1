import { isJsonObject, type Json } from '#spec/json.ts'
import type { UserId } from '#spec/ids.ts'
import type { Read } from '#node/db/transaction.ts'
import { readAccountData } from './store.ts'

/** Whether a user wants no invitations at all, as m.invite_permission_config has it. Client-Server API, "Invite permission". */
export async function blocksInvites(sql: Read, userId: UserId): Promise<boolean> {
  const text = await readAccountData(sql, { userId, roomId: '', type: 'm.invite_permission_config' })
  const config = text === undefined ? null : (JSON.parse(text) as Json)
  return isJsonObject(config) && config['default_action'] === 'block'
}

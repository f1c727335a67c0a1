import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { insertSetupToken, isClaimed, readSetupToken } from './store.ts'
import { hashToken, newId, newRegistrationToken } from './tokens.ts'

/**
 * The token that makes the first administrator, the same one after every restart; nothing once there is one.
 * It is an ordinary registration token, so that any Matrix client can claim the server; the web app takes it as `<publicUrl>/setup/<token>`.
 */
export async function setupToken(deps: Deps): Promise<string | undefined> {
  if (await isClaimed(deps.sql)) return undefined
  const token = newRegistrationToken(deps)
  return transaction(deps.sql, async (tx) => {
    await insertSetupToken(tx, {
      token,
      tokenHash: hashToken(token),
      tokenId: newId(deps),
      createdAt: deps.clock.now(),
    })
    return readSetupToken(tx)
  })
}

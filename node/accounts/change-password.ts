import type { changePassword } from '#spec/api/client/account.ts'
import type { BodyOf } from '#spec/endpoint.ts'
import { localpartOf } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'
import { requireAuth } from './interactive-auth.ts'
import { checkNewPassword } from './password-rules.ts'
import { passwordStage } from './password-stage.ts'
import { hashPassword } from './password.ts'
import { endingSessions } from './revoked.ts'
import { deleteLoginTokensOf } from './short-tokens/store.ts'
import * as store from './store.ts'

/** Sets a new password after the present one was given. The calling session lives on; the user's other devices go unless they
 * are to stay, and what would let one more in goes in any case. */
export async function setPassword(
  deps: Deps,
  who: Identity,
  body: BodyOf<typeof changePassword>,
  address: string,
): Promise<void> {
  const { userId, deviceId } = who
  checkNewPassword(body.new_password, localpartOf(userId))
  await requireAuth(deps, { operation: 'changePassword', body, userId }, [[passwordStage(deps, userId, address)]])
  const hash = await hashPassword(deps, body.new_password)
  await endingSessions(deps, userId, async (tx, ended) => {
    await store.setPasswordHash(tx, userId, hash)
    await store.deleteAuthSessionsOf(tx, userId)
    await deleteLoginTokensOf(tx, userId)
    if (body.logout_devices) ended(await store.deleteOtherDevices(tx, userId, deviceId))
  })
}

import type { changePassword } from '#spec/api/client/account.ts'
import type { BodyOf } from '#spec/endpoint.ts'
import { MatrixError } from '#spec/errors.ts'
import { localpartOf, type UserId } from '#spec/ids.ts'
import type { Tx } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'
import { requireAuth } from './interactive-auth.ts'
import { canSendMail } from './mail/send-mail.ts'
import { deleteResetsOf } from './mail/store.ts'
import { ownerOfValidated, takeReset } from './mail/third-party-ids.ts'
import { emailStage, emailStageType } from './mail/validate-address.ts'
import { checkNewPassword } from './password-rules.ts'
import { passwordStage } from './password-stage.ts'
import { hashPassword } from './password.ts'
import { endingSessions } from './revoked.ts'
import { deleteLoginTokensOf } from './short-tokens/store.ts'
import * as store from './store.ts'

type NewPassword = BodyOf<typeof changePassword>

/**
 * Sets a new password. The user's other devices go unless they are to stay, and what would let one more in goes in any case; the calling
 * session, if there is one, lives on.
 *
 * Whoever is logged in gives the present password. Whoever is not shows that an address of the account is theirs.
 */
export const setPassword = (
  deps: Deps,
  who: Identity | undefined,
  body: NewPassword,
  address: string,
): Promise<void> => (who === undefined ? resetPassword(deps, body) : changeOwn(deps, who, body, address))

async function changeOwn(
  deps: Deps,
  { userId, deviceId }: Identity,
  body: NewPassword,
  address: string,
): Promise<void> {
  checkNewPassword(body.new_password, localpartOf(userId))
  await requireAuth(deps, { operation: 'changePassword', body, userId }, [[passwordStage(deps, userId, address)]])
  await replace(deps, { userId, deviceId }, body)
}

async function resetPassword(deps: Deps, body: NewPassword): Promise<void> {
  if (!canSendMail(deps)) throw new MatrixError('M_MISSING_TOKEN', 'This needs a login: no access token was sent.')
  checkNewPassword(body.new_password, undefined)
  const completed = await requireAuth(deps, { operation: 'resetPassword', body }, [[emailStage(deps, 'password')]])
  const sid = completed.get(emailStageType)!
  const userId = await ownerOfValidated(deps, sid)
  checkNewPassword(body.new_password, localpartOf(userId))
  await replace(deps, { userId, deviceId: '' }, body, (tx) => takeReset(deps, tx, userId, sid))
}

async function replace(
  deps: Deps,
  { userId, deviceId }: { userId: UserId; deviceId: string },
  body: NewPassword,
  prove: (tx: Tx) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const hash = await hashPassword(deps, body.new_password)
  await endingSessions(deps, userId, async (tx, ended) => {
    await prove(tx)
    await store.setPasswordHash(tx, userId, hash)
    await store.deleteAuthSessionsOf(tx, userId)
    await deleteLoginTokensOf(tx, userId)
    await deleteResetsOf(tx, userId)
    if (body.logout_devices) ended(await store.deleteOtherDevices(tx, userId, deviceId))
  })
}

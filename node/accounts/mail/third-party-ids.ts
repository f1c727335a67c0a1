import type { addThirdPartyId, getThirdPartyIds } from '#spec/api/client/third-party-ids.ts'
import type { BodyOf, ResponseOf } from '#spec/endpoint.ts'
import { forbidden, MatrixError } from '#spec/errors.ts'
import type { UserId } from '#spec/ids.ts'
import { transaction, type Tx } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'
import { requireAuth } from '../interactive-auth.ts'
import { passwordStage } from '../password-stage.ts'
import { foldEmail } from './email-address.ts'
import * as store from './store.ts'
import { findValidated } from './validate-address.ts'

/** More addresses than this nobody has who means well. */
const maxPerUser = 20

export async function listThirdPartyIds(deps: Deps, userId: UserId): Promise<ResponseOf<typeof getThirdPartyIds>> {
  const rows = await store.readThirdPartyIds(deps.sql, userId)
  return {
    threepids: rows.map(({ medium, address, validatedAt, addedAt }) => ({
      medium,
      address,
      validated_at: validatedAt,
      added_at: addedAt,
    })),
  }
}

/** Adds an address that was validated for it to the caller's account, once the password was given again. */
export async function addEmail(
  deps: Deps,
  { userId }: Identity,
  body: BodyOf<typeof addThirdPartyId>,
  address: string,
): Promise<void> {
  await requireAuth(deps, { operation: 'addThirdPartyId', body, userId }, [[passwordStage(deps, userId, address)]])
  const found = await findValidated(deps, 'add', body)
  if (found === undefined) throw notValidated()
  await transaction(deps.sql, async (tx) => {
    await takeEmail(deps, tx, userId, found.sid, 'add')
    if ((await store.countThirdPartyIds(tx, userId)) > maxPerUser)
      throw forbidden(`An account has at most ${maxPerUser} addresses.`)
  })
}

/** Uses a validation up and gives its address to the user. Throws M_THREEPID_IN_USE where another account has it: its owner may know that. */
export async function takeEmail(
  deps: Deps,
  tx: Tx,
  userId: UserId,
  sid: string,
  purpose: store.Purpose,
): Promise<void> {
  const now = deps.clock.now()
  const taken = await store.takeValidation(tx, sid, purpose, now)
  if (taken === undefined) throw notValidated()
  if (!(await store.insertEmail(tx, { userId, ...taken, addedAt: now })))
    throw new MatrixError('M_THREEPID_IN_USE', 'This address belongs to another account already.')
}

/** Whose password a validation of an address resets. Throws M_THREEPID_AUTH_FAILED where it is nobody's any more. */
export async function ownerOfValidated(deps: Deps, sid: string): Promise<UserId> {
  const found = await store.readValidation(deps.sql, sid, deps.clock.now())
  const owner = found && (await store.readOwner(deps.sql, found.email))
  if (owner === undefined) throw notValidated()
  return owner
}

/** Uses a validation up for a new password. Of two at once, one is let through; none, if the address has gone to another account meanwhile. */
export async function takeReset(deps: Deps, tx: Tx, userId: UserId, sid: string): Promise<void> {
  const taken = await store.takeValidation(tx, sid, 'password', deps.clock.now())
  if (taken === undefined || (await store.readOwner(tx, taken.email)) !== userId) throw notValidated()
}

const notValidated = () =>
  new MatrixError('M_THREEPID_AUTH_FAILED', 'The address has not been validated, or too long ago.', { status: 400 })

/** Takes an address off the caller's account; one that is not there is passed over. */
export const removeThirdPartyId = (
  deps: Deps,
  userId: UserId,
  { medium, address }: { medium: string; address: string },
): Promise<unknown> =>
  transaction(deps.sql, (tx) =>
    store.deleteThirdPartyId(tx, userId, medium, medium === 'email' ? foldEmail(address) : address),
  )

/** What an account that ends has here. */
export async function forgetThirdPartyIds(tx: Tx, userId: UserId): Promise<void> {
  await store.deleteResetsOf(tx, userId)
  await store.deleteThirdPartyIdsOf(tx, userId)
}

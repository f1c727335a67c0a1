import type * as api from '#spec/api/admin/registration-tokens.ts'
import type { BodyOf, ResponseOf } from '#spec/endpoint.ts'
import { invalidParam, notFound } from '#spec/errors.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { hashToken, newId } from '../tokens.ts'
import * as store from './store.ts'

type Shown = ResponseOf<typeof api.getRegistrationToken>

const defaultLength = 16

const shown = (row: store.TokenRow): Shown => ({
  token: row.token,
  uses_allowed: row.usesAllowed,
  pending: 0,
  completed: row.completed,
  expiry_time: row.expiresAt,
})

/** The tokens that administrators have made; all of them, or those that can still be used, or those that cannot. */
export async function listTokens(deps: Deps, valid: boolean | undefined): Promise<Shown[]> {
  const now = deps.clock.now()
  const rows = await store.readTokens(deps.sql)
  return rows.filter((row) => valid === undefined || isValid(row, now) === valid).map(shown)
}

const isValid = ({ usesAllowed, completed, expiresAt }: store.TokenRow, now: number): boolean =>
  (usesAllowed === null || completed < usesAllowed) && (expiresAt === null || expiresAt > now)

/** Throws M_NOT_FOUND. */
export async function findToken(deps: Deps, token: string): Promise<Shown> {
  const row = await store.readToken(deps.sql, token)
  if (row === undefined) throw noSuchToken()
  return shown(row)
}

const noSuchToken = () => notFound('There is no such registration token.')

/** Makes a token that is not anybody's invitation: it has its own number of uses, and may be looked at again. */
export async function createToken(deps: Deps, body: BodyOf<typeof api.createRegistrationToken>): Promise<Shown> {
  const token = body.token ?? randomToken(deps, body.length ?? defaultLength)
  if (token === 'new') throw invalidParam('A token cannot be called new.')
  checkFuture(deps, body.expiry_time)
  const now = deps.clock.now()
  const row = { token, usesAllowed: body.uses_allowed ?? null, completed: 0, expiresAt: body.expiry_time ?? null }
  const isNew = await transaction(deps.sql, (tx) =>
    store.insertToken(tx, row, { tokenHash: hashToken(token), tokenId: newId(deps), now }),
  )
  if (!isNew) throw invalidParam('There is a registration token of this name already.')
  return shown(row)
}

const randomToken = (deps: Deps, length: number): string =>
  Buffer.from(deps.random.bytes(48)).toString('base64url').slice(0, length)

function checkFuture(deps: Deps, expiryTime: number | null | undefined): void {
  if (typeof expiryTime === 'number' && expiryTime <= deps.clock.now())
    throw invalidParam('expiry_time must be a time to come.')
}

/** Changes what is given. Throws M_NOT_FOUND. */
export async function changeToken(
  deps: Deps,
  token: string,
  body: BodyOf<typeof api.updateRegistrationToken>,
): Promise<Shown> {
  checkFuture(deps, body.expiry_time)
  return transaction(deps.sql, async (tx) => {
    const before = await store.lockToken(tx, token)
    if (before === undefined) throw noSuchToken()
    const { uses_allowed: usesAllowed = before.usesAllowed, expiry_time: expiresAt = before.expiresAt } = body
    const after = { ...before, usesAllowed, expiresAt }
    await store.updateToken(tx, after, deps.clock.now())
    return shown(after)
  })
}

/** Throws M_NOT_FOUND. */
export async function deleteToken(deps: Deps, token: string): Promise<void> {
  if (!(await transaction(deps.sql, (tx) => store.deleteToken(tx, token)))) throw noSuchToken()
}

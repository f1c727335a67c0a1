import type { createInvite, getInvite, getInvites } from '#spec/extensions/invites/api.ts'
import type { ResponseOf } from '#spec/endpoint.ts'
import { forbidden, notFound } from '#spec/errors.ts'
import type { UserId } from '#spec/ids.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { usedUp } from './registration-flows.ts'
import * as store from './store.ts'
import { hashToken, newId, newRegistrationToken } from './tokens.ts'

export const inviteLifeMs = 7 * 86_400_000
export const maxWaitingInvites = 100

/** Makes an invitation for one person. The token is told now and never again: only its hash is kept. */
export async function makeInvite(deps: Deps, userId: UserId): Promise<ResponseOf<typeof createInvite>> {
  if (deps.config.registration === 'closed') throw forbidden('Registration is closed on this server.')
  const token = newRegistrationToken(deps)
  const tokenId = newId(deps)
  const createdAt = deps.clock.now()
  const expiresAt = createdAt + inviteLifeMs
  await transaction(deps.sql, async (tx) => {
    await store.deleteExpiredInvites(tx, createdAt)
    await store.insertInvite(tx, { tokenHash: hashToken(token), tokenId, userId, createdAt, expiresAt })
    if ((await store.countWaitingInvites(tx, userId)) > maxWaitingInvites)
      throw forbidden(`You have ${maxWaitingInvites} invitations that wait to be used. Please withdraw some first.`)
  })
  return { invite_id: tokenId, token, url: `${deps.config.publicUrl}/invite/${token}`, expires_at: expiresAt }
}

export async function listInvites(deps: Deps, userId: UserId): Promise<ResponseOf<typeof getInvites>> {
  const rows = await store.readInvites(deps.sql, userId, deps.clock.now())
  const invites = rows.map((row) => ({
    invite_id: row.tokenId,
    created_at: row.createdAt,
    expires_at: row.expiresAt,
    ...(row.usedBy !== null && row.usedAt !== null && { used_by: row.usedBy, used_at: row.usedAt }),
  }))
  return { invites }
}

export async function withdrawInvite(deps: Deps, userId: UserId, tokenId: string): Promise<void> {
  const gone = await transaction(deps.sql, (tx) => store.deleteWaitingInvite(tx, userId, tokenId))
  if (!gone) throw notFound('You have no such invitation that still waits.')
}

/** Who invites. The set-up link is nobody's invitation. */
export async function previewInvite(deps: Deps, token: string): Promise<ResponseOf<typeof getInvite>> {
  const found =
    deps.config.registration === 'closed'
      ? undefined
      : await store.readInviter(deps.sql, hashToken(token), deps.clock.now())
  if (found === undefined) throw notFound(usedUp)
  const { userId, displayname, expiresAt } = found
  return {
    inviter: { user_id: userId, ...(displayname !== null && { display_name: displayname }) },
    server_name: deps.config.serverName,
    expires_at: expiresAt,
  }
}

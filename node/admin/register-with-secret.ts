import { createHmac, timingSafeEqual } from 'node:crypto'
import type { registerWithSecret } from '#spec/api/admin/shared-secret.ts'
import type { BodyOf, ResponseOf } from '#spec/endpoint.ts'
import { forbidden, MatrixError } from '#spec/errors.ts'
import { makeAccount } from '#node/accounts/administration/make-account.ts'
import { ownServer } from '#node/accounts/check-password.ts'
import { perNode, type Deps } from '#node/deps.ts'
import { writeAudit } from './audit.ts'

export const nonceLifeMs = 60_000
/** Beyond this many the oldest goes. */
export const maxNonces = 1_000

/** Nonces that wait, with the time at which they end. In memory: a restart only makes a tool ask again. */
const noncesOf = perNode(() => new Map<string, number>())

function secretOf({ config }: Deps): string {
  if (config.registrationSecret === undefined)
    throw new MatrixError('M_UNRECOGNIZED', 'This server does not register people by a shared secret.')
  return config.registrationSecret
}

/** A nonce for one registration. */
export function newNonce(deps: Deps): string {
  secretOf(deps)
  const nonces = noncesOf(deps)
  const now = deps.clock.now()
  for (const [nonce, endsAt] of nonces) if (endsAt <= now || nonces.size >= maxNonces) nonces.delete(nonce)
  const nonce = Buffer.from(deps.random.bytes(32)).toString('hex')
  nonces.set(nonce, now + nonceLifeMs)
  return nonce
}

type Wanted = BodyOf<typeof registerWithSecret>

/** Makes an account for whoever knows the secret. A nonce is used by the first attempt, whatever comes of it. */
export async function registerBySecret(deps: Deps, body: Wanted): Promise<ResponseOf<typeof registerWithSecret>> {
  const secret = secretOf(deps)
  takeNonce(deps, body.nonce)
  if (!isSigned(secret, body)) throw forbidden('The mac is wrong.')
  await writeAudit(deps, { caller: null, method: 'POST', path: '/_synapse/admin/v1/register', target: body.username })
  const { userId, session } = await makeAccount(deps, {
    localpart: body.username,
    password: body.password,
    displayName: body.displayname ?? body.username,
    isAdmin: body.admin === true,
    session: body.inhibit_login === true ? undefined : sessionOf(body),
  })
  const of = { user_id: userId, home_server: ownServer(deps) }
  return session === undefined ? of : { ...of, device_id: session.deviceId, ...session.grant }
}

const sessionOf = (body: Wanted) => ({
  deviceId: body.device_id,
  deviceName: body.initial_device_display_name,
  refreshable: body.refresh_token,
})

function takeNonce(deps: Deps, nonce: string): void {
  const nonces = noncesOf(deps)
  const endsAt = nonces.get(nonce)
  nonces.delete(nonce)
  if (endsAt === undefined || endsAt <= deps.clock.now())
    throw new MatrixError('M_UNKNOWN', 'This nonce is unknown, was used, or is too old. Please ask for another one.')
}

/** None of the parts can hold the U+0000 that stands between them. */
function isSigned(secret: string, { nonce, username, password, admin, user_type: type, mac }: Wanted): boolean {
  const parts = [nonce, username, password, admin === true ? 'admin' : 'notadmin', ...(type ? [type] : [])]
  const expected = createHmac('sha1', secret).update(parts.join('\0')).digest()
  const given = Buffer.from(mac, 'hex')
  return mac.length === 2 * expected.length && given.length === expected.length && timingSafeEqual(given, expected)
}

import type { login } from '#spec/api/client/login.ts'
import type { BodyOf, ResponseOf } from '#spec/endpoint.ts'
import { MatrixError, missingParam } from '#spec/errors.ts'
import type { Deps } from '#node/deps.ts'
import { checkPassword } from './check-password.ts'
import { openSession } from './open-session.ts'
import { endingSessions } from './revoked.ts'

export const loginFlows = { flows: [{ type: 'm.login.password' }] }

/** Opens a session by name and password. */
export async function logIn(
  deps: Deps,
  body: BodyOf<typeof login>,
  address: string,
): Promise<ResponseOf<typeof login>> {
  if (body.type !== 'm.login.password') throw new MatrixError('M_UNKNOWN', 'This server knows no such type of login.')
  if (body.password === undefined) throw missingParam('A password is missing.')
  const userId = await checkPassword(deps, { name: nameOf(body), password: body.password, address })
  return endingSessions(deps, userId, async (tx, ended) => {
    const session = await openSession(deps, tx, userId, {
      deviceId: body.device_id,
      deviceName: body.initial_device_display_name,
      refreshable: body.refresh_token,
    })
    ended({ tokenHashes: session.endedTokenHashes, deviceIds: [] })
    return { user_id: userId, device_id: session.deviceId, ...session.grant }
  })
}

/** No account is known here by anything but its user id: any other identifier is one that no account has. */
function nameOf({ identifier, user }: BodyOf<typeof login>): string {
  if (identifier !== undefined && identifier.type !== 'm.id.user') return ''
  const name = identifier?.user ?? user
  if (name === undefined) throw missingParam('The user name is missing.')
  return name
}

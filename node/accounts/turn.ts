import { createHmac } from 'node:crypto'
import type { getTurnServer } from '#spec/api/client/voip.ts'
import type { ResponseOf } from '#spec/endpoint.ts'
import { forbidden } from '#spec/errors.ts'
import type { UserId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'

/** A call that lasts longer renews its credentials. */
const credentialLifeSeconds = 86_400

/**
 * Credentials for the TURN server, good for a day, in the form that coturn checks by itself: the name is the end of their life and the user,
 * the password a digest of the name by the shared secret.
 *
 * Without a TURN server this is M_FORBIDDEN: js-sdk asks again every minute after any other answer, and calls go on without.
 */
export function turnCredentials(deps: Deps, userId: UserId): ResponseOf<typeof getTurnServer> {
  const { turnUris, turnSecret } = deps.config
  if (turnUris === undefined || turnSecret === undefined) throw forbidden('This server has no TURN server for calls.')
  const username = `${Math.floor(deps.clock.now() / 1_000) + credentialLifeSeconds}:${userId}`
  // coturn's form asks for SHA-1; as a MAC it is sound.
  const password = createHmac('sha1', turnSecret).update(username).digest('base64')
  return { username, password, uris: turnUris, ttl: credentialLifeSeconds }
}

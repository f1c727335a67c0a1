import type { IncomingMessage } from 'node:http'
import type { Auth } from '#spec/endpoint.ts'
import { forbidden, MatrixError } from '#spec/errors.ts'
import type { Deps } from '#node/deps.ts'
import { addressOf } from './address.ts'
import type { Identity } from './route.ts'

/** Finds whose token this is, or throws M_UNKNOWN_TOKEN. The accounts slice knows; this folder stands below it. */
export type IdentifyToken = (
  deps: Deps,
  token: string,
  from: { address: string; userAgent: string | undefined },
) => Promise<Identity>

/** The token of a request. Only the header counts: a token in a query string ends up in logs. */
export function bearerToken(request: IncomingMessage): string | undefined {
  const header = request.headers.authorization
  return header !== undefined && /^bearer /i.test(header) ? header.slice(7).trim() : undefined
}

export async function identify(
  deps: Deps,
  identifyToken: IdentifyToken,
  auth: Auth,
  request: IncomingMessage,
): Promise<Identity | undefined> {
  if (auth === 'none') return undefined
  const token = bearerToken(request)
  if (token === undefined) {
    if (auth === 'optional') return undefined
    throw new MatrixError('M_MISSING_TOKEN', 'This needs a login: no access token was sent.')
  }
  const from = { address: addressOf(deps, request), userAgent: request.headers['user-agent'] }
  const identity = await identifyToken(deps, token, from)
  if (auth === 'admin' && !identity.isAdmin) throw forbidden('Only an administrator of this server may do this.')
  return identity
}

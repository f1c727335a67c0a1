import type { IncomingMessage } from 'node:http'
import type { Endpoint } from '#spec/endpoint.ts'
import { forbidden, MatrixError } from '#spec/errors.ts'
import type { Deps } from '#node/deps.ts'
import { addressOf } from './address.ts'
import { queryOf, type RequestTarget } from './request-target.ts'
import type { Identity } from './route.ts'

/** Where a token came from. */
export interface TokenSource {
  readonly address: string
  readonly userAgent: string | undefined
  /** The query of the request, in which an application service says whom it acts as. */
  readonly query?: () => Readonly<Record<string, string | string[]>>
  /** A locked user is let through: to log out. */
  readonly evenIfLocked?: boolean
}

/** Finds whose token this is, or throws M_UNKNOWN_TOKEN or M_USER_LOCKED. The accounts slice knows; this folder stands below it. */
export type IdentifyToken = (deps: Deps, token: string, from: TokenSource) => Promise<Identity>

/** The token of a request. Only the header counts: a token in a query string ends up in logs. */
export function bearerToken(request: IncomingMessage): string | undefined {
  const header = request.headers.authorization
  return header !== undefined && /^bearer /i.test(header) ? header.slice(7).trim() : undefined
}

export async function identify(
  deps: Deps,
  identifyToken: IdentifyToken,
  { auth, whileLocked }: Endpoint,
  { incoming: request, target }: { incoming: IncomingMessage; target: RequestTarget },
): Promise<Identity | undefined> {
  if (auth === 'none') return undefined
  const token = bearerToken(request)
  if (token === undefined) {
    if (auth === 'optional') return undefined
    throw new MatrixError('M_MISSING_TOKEN', 'This needs a login: no access token was sent.')
  }
  const from = {
    address: addressOf(deps, request),
    userAgent: request.headers['user-agent'],
    query: () => queryOf(target),
    evenIfLocked: whileLocked === true,
  }
  const identity = await identifyToken(deps, token, from)
  if (auth === 'admin' && !identity.isAdmin) throw forbidden('Only an administrator of this server may do this.')
  return identity
}

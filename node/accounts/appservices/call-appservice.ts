import type { Deps } from '#node/deps.ts'
import { OutsideError, type OutsideAnswer } from '#node/outside/outside-call.ts'
import type { Appservice } from './registration.ts'

export interface AppserviceCall {
  readonly method: 'GET' | 'POST' | 'PUT'
  /** Below `/_matrix/app/v1/`, encoded. */
  readonly path: string
  /** JSON. */
  readonly body?: string
  readonly deadlineMs: number
  /** As much of the answer is read; more is not an error unless `whole`. */
  readonly maxBytes: number
  readonly whole?: boolean
  readonly signal?: AbortSignal
}

/**
 * Calls an application service at its own address, whatever network that is in, and nowhere else: redirects are answers. Throws `OutsideError`,
 * also for a service that is not to be called. Application Service API, "Authorisation".
 */
export async function callAppservice(
  deps: Deps,
  { url, hsToken }: Appservice,
  call: AppserviceCall,
): Promise<OutsideAnswer> {
  if (url === undefined) throw new OutsideError('refused', 'The application service has no address.')
  const { method, path, body, deadlineMs, maxBytes, whole = false, signal } = call
  return deps.fetch(`${url}/_matrix/app/v1/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${hsToken}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body }),
    trustedBase: url,
    deadlineMs,
    maxBytes,
    cut: !whole,
    ...(signal && { signal }),
  })
}

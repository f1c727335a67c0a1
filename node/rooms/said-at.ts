import { invalidParam } from '#spec/errors.ts'
import type { Identity } from '#node/http/route.ts'

/**
 * When an event was said, as an application service may tell. Throws M_INVALID_PARAM for what is no time. No field of the endpoints: the Application
 * Service API adds it, in prose ("Timestamp massaging").
 */
export function saidAtIn(call: { identity: Identity; query: Readonly<Record<string, unknown>> }): number | undefined {
  const { ts } = call.query
  if (call.identity.appservice === undefined || ts === undefined) return undefined
  const saidAt = typeof ts === 'string' && /^\d{1,16}$/.test(ts) ? Number(ts) : NaN
  if (!Number.isSafeInteger(saidAt)) throw invalidParam('ts is a time in milliseconds since 1970.')
  return saidAt
}

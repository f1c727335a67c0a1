import { expect } from 'vitest'
import { endpoints } from '#spec/api/all.ts'
import type { Endpoint } from '#spec/endpoint.ts'
import { slices } from '#node/slices.ts'
import type { CallInput } from '#test/serve-slices.ts'
import { callerOf, targetOf, type House } from './good-calls.ts'
import { rawCall, refusalOf, type RawAnswer } from './raw-call.ts'

const served = new Set(slices.flatMap((slice) => slice.routes ?? []).map((route) => route.endpoint))

/** The endpoints that are served and that these calls are for, by name. */
export const servedEndpoints = (wanted: (endpoint: Endpoint, name: string) => unknown) =>
  Object.entries(endpoints)
    .filter(([name, endpoint]) => served.has(endpoint) && wanted(endpoint, name))
    .map(([name, endpoint]) => ({ name, endpoint }))

/** Calls after which the others are not what they were: sessions and passwords end. */
export const endsSession = (name: string): boolean =>
  /^(logout|logoutAll|refresh|changePassword|deactivateAccount)$/.test(name)

/** The good call of an endpoint, but for some parameters, some of the query, or the body; text is sent as it is. */
export function bentCall(house: House, name: string, { params, query, body }: CallInput): Promise<RawAnswer> {
  const endpoint = endpoints[name]!
  const good = house.calls[name]!
  const sent = body ?? good.body
  return rawCall(house.node.address, {
    method: endpoint.method,
    target: targetOf(endpoint, {
      params: { ...good.params, ...params },
      ...((query ?? good.query) && { query: { ...good.query, ...query } }),
    }),
    token: good.token ?? callerOf(house, endpoint).token,
    mayBeFile: endpoint.responseBody === 'bytes',
    ...(sent !== undefined && { body: typeof sent === 'string' ? sent : JSON.stringify(sent) }),
  })
}

/** A yes, or a refusal that says why; and the caller was known, so that it was the call that was judged. */
export function expectAnswer(answer: RawAnswer, what: string): void {
  if (answer.status === 200) return
  const refusal = refusalOf(answer)
  expect(refusal, what).toMatch(/^4\d\d M_[A-Z_]+$/)
  expect(refusal, what).not.toMatch(/^401 M_(UNKNOWN|MISSING)_TOKEN/)
}

import { expect } from 'vitest'
import type { Operation } from './official-api.ts'
import type { Call, OfficialCaller } from './official-caller.ts'
import type { Scenario, Stage } from './stage.ts'

/**
 * Runs the scenario of one operation. Ahead of its first call with a token, the same call is made without one and with one that nobody has; and ahead of
 * its first with a body of JSON, once with a body that breaks off.
 */
export async function runScenario(
  name: string,
  scenario: Scenario,
  { official, stage, operation }: { official: OfficialCaller; stage: Stage; operation: Operation },
): Promise<void> {
  let isFirst = true
  await askAsBrowserFirst(stage.baseUrl, operation)
  await scenario(stage, async (expected, input = {}) => {
    if (isFirst) {
      isFirst = false
      await provokeRefusals(name, official, operation, input)
    }
    return official.call(name, expected, input)
  })
}

async function provokeRefusals(name: string, official: OfficialCaller, { auth }: Operation, input: Call) {
  const { as, ...nobody } = input
  if (!as) return refuseHalfABody(name, official, input)
  if (auth === 'token' && !takesNobody.has(name)) await official.call(name, '401 M_MISSING_TOKEN', nobody)
  if (!asksForNobody.has(name))
    await official.call(name, '401 M_UNKNOWN_TOKEN', { ...nobody, headers: { authorization: 'Bearer x' } })
  await refuseHalfABody(name, official, input)
}

async function refuseHalfABody(name: string, official: OfficialCaller, input: Call) {
  if (typeof input.body !== 'object') return
  const headers = { 'content-type': 'application/json' }
  await official.call(name, '400 M_NOT_JSON', { ...input, body: '{', headers })
}

/** Described as a call between servers, by mistake: clients call it, with a token or without. */
const takesNobody = new Set(['GET /_matrix/client/v1/room_summary/{roomIdOrAlias}'])
/** Answers everybody alike, so that it does not look at tokens. */
const asksForNobody = new Set(['GET /_matrix/client/versions'])

/** What a browser asks before it calls from another origin. */
async function askAsBrowserFirst(baseUrl: string, { method, path }: Operation): Promise<void> {
  const headers = { origin: 'https://app.example', 'access-control-request-method': method }
  const target = path.trim().replaceAll(/\{\w+\}/g, 'x')
  const response = await fetch(baseUrl + target, { method: 'OPTIONS', headers })
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
  expect(response.headers.get('access-control-allow-methods')).toContain(method)
  expect(response.headers.get('access-control-allow-headers')).toContain('Authorization')
  expect(response.ok).toBe(true)
}

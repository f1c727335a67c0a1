import { expect } from 'vitest'
import { keyOf, type Operation } from './official-api.ts'
import type { Call, Caller, Judged, OfficialCaller } from './official-caller.ts'

/** Calls each of these operations until it is refused as one call too many, and gives that answer of each. */
export async function provokeLimits(
  calls: OfficialCaller,
  as: Caller,
  operations: readonly Operation[],
): Promise<readonly Judged[]> {
  const found: Judged[] = []
  for (const operation of operations) {
    const name = `${operation.method} ${operation.path.trim()}`
    const refused = await callUntilRefused(calls, name, inputOf(operation, as))
    expect(refused?.outcome, name).toBe('429 M_LIMIT_EXCEEDED')
    found.push({ ...refused!, operation: keyOf(operation) })
  }
  return found
}

/** What it is called with does not matter: the limit comes before a look at it. */
function inputOf({ method, path, auth }: Operation, as: Caller): Call {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!)
  return {
    params: Object.fromEntries(names.map((name) => [name, 'x'])),
    ...(auth !== 'none' && { as }),
    ...(method !== 'GET' && { body: {} }),
  }
}

async function callUntilRefused(calls: OfficialCaller, name: string, input: Call): Promise<Judged | undefined> {
  for (let batch = 0; batch < 30; batch++) {
    const answers = await Promise.all(Array.from({ length: 50 }, () => calls.try(name, input)))
    const refused = answers.find(({ outcome }) => outcome.startsWith('429'))
    if (refused) return refused
  }
  return undefined
}

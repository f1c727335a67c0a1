import type { Operation } from './official-api.ts'
import type { Judged } from './official-caller.ts'

/** What came of all calls, as text: totals, then a line for each operation. */
export function resultsOf(
  answers: readonly Judged[],
  wanted: readonly (readonly [key: string, Operation])[],
  exceptions: Readonly<Record<string, string>>,
): string {
  const operations = [...new Set(wanted.map(([key]) => key))].toSorted().map((operation) => {
    const own = answers.filter((answer) => answer.operation === operation)
    const outcomes = [...new Set(own.map(({ outcome }) => outcome))].toSorted()
    const violations = [...new Set(own.flatMap((answer) => answer.violations))].toSorted()
    const left = exceptions[operation]
    return left === undefined ? { operation, calls: own.length, outcomes, violations } : { operation, left_out: left }
  })
  const count = (keep: (one: (typeof operations)[number]) => unknown) => operations.filter(keep).length
  const totals = {
    operations: operations.length,
    covered: count(({ outcomes }) => outcomes?.length),
    left_out: count(({ left_out }) => left_out),
    calls: answers.length,
    violations: operations.reduce((sum, { violations = [] }) => sum + violations.length, 0),
  }
  const lines = operations.map((one) => `    ${JSON.stringify(one)}`)
  return `{\n  "totals": ${JSON.stringify(totals)},\n  "operations": [\n${lines.join(',\n')}\n  ]\n}\n`
}

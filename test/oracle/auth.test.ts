import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { checkAuth, checkAuthEvents } from '#spec/room/auth.ts'
import { requireRoomVersion, roomVersionIds } from '#spec/room/versions.ts'
import { ruleThatRefuses } from '#spec/vectors/auth-decision.ts'
import { draw, lists, told } from './lists.ts'
import type { Verdict } from './terms.ts'

/*
 * The authorisation rules against the lists of the room version pages, written down a second time.
 */

const eventsPerVersion = 30_000
/** Every rule has to be met so often, or the events were not worth judging. */
const least = 10

interface Numbers {
  readonly room_version: string
  readonly refuses: readonly string[]
  readonly allows: readonly string[]
}
const numbers = readFileSync(new URL('../../spec/vectors/auth-rules.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => JSON.parse(line) as Numbers)
const numbersOf = (versionId: string): Numbers => numbers.find((one) => one.room_version === versionId)!

const ruleOf = (verdict: Verdict | undefined): string | null =>
  verdict === undefined || verdict.isAllowed ? null : verdict.rule

test.each(roomVersionIds)('version %s: every event is judged as its list says, by the same number', (versionId) => {
  const version = requireRoomVersion(versionId)
  const { judge, objectToCited } = lists.get(versionId)!
  const met = { refuses: new Map<string, number>(), allows: new Map<string, number>() }
  const note = (verdict: Verdict | undefined): void => {
    if (verdict === undefined) return
    const counts = verdict.isAllowed ? met.allows : met.refuses
    counts.set(verdict.rule, (counts.get(verdict.rule) ?? 0) + 1)
  }
  const seed = Number(versionId)
  for (const drawn of draw(versionId, eventsPerVersion, seed)) {
    const { event, state, create, cited, rejected, verify } = drawn.question
    const [verdict, objection] = [judge(drawn.question), objectToCited(drawn.question)]
    const own = ruleThatRefuses(() => checkAuth(version, event, state, create, { verify }))
    const ownOfCited = ruleThatRefuses(() => checkAuthEvents(version, event, cited, (id) => rejected.has(id)))
    // Only a difference is worth the telling.
    if (own !== ruleOf(verdict) || ownOfCited !== ruleOf(objection))
      expect([own, ownOfCited], `seed ${seed}: ${told(drawn)}`).toEqual([ruleOf(verdict), ruleOf(objection)])
    note(verdict)
    note(objection)
  }
  for (const side of ['refuses', 'allows'] as const) {
    const often = [...met[side]].filter(([, count]) => count >= least).map(([rule]) => rule)
    expect(often.toSorted(), `${side}, each at least ${least} times`).toEqual(numbersOf(versionId)[side].toSorted())
  }
  const allowed = [...met.allows.values()].reduce((sum, count) => sum + count, 0)
  expect(allowed).toBeGreaterThan(eventsPerVersion / 5)
})

test.each([
  ['6', '7'],
  ['7', '8'],
  ['9', '10'],
  ['10', '11'],
  ['11', '12'],
])('the events tell version %s from version %s, on both sides', (older, newer) => {
  for (const versionId of [older, newer]) {
    let isDifferent = 0
    for (const { question } of draw(versionId, 16_000, Number(versionId))) {
      const [one, other] = [older, newer].map((id) => lists.get(id)!.judge(question).isAllowed)
      if (one !== other) isDifferent++
    }
    expect(isDifferent).toBeGreaterThan(20)
  }
})

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { requireRoomVersion, roomVersionIds, ruleNumberIn } from '#spec/room/versions.ts'
import { inVersion, judge, type Decision, type DecisionRoom } from '#spec/vectors/auth-decision.ts'

interface VersionDecision extends Decision {
  readonly name: string
  readonly flag: string
  readonly refused: Readonly<Record<string, string | null>>
}
interface Numbers {
  readonly room_version: string
  readonly refuses: readonly string[]
}

const linesOf = (file: string): unknown[] =>
  readFileSync(new URL(`../vectors/${file}`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)

const [room, ...decisions] = linesOf('auth-versions.jsonl') as [DecisionRoom, ...VersionDecision[]]
const numbers = linesOf('auth-rules.jsonl').slice(1) as Numbers[]

test.each(decisions)('$flag: $name', (decision) => {
  const refused = roomVersionIds.map((id) => {
    const version = requireRoomVersion(id)
    const placed = inVersion(version, room, decision)
    return [id, judge(version, placed.room, placed.decision)]
  })
  expect(Object.fromEntries(refused)).toEqual(decision.refused)
})

/** Flags that no authorisation rule asks. */
const elsewhere = [
  ...['redactionKeepsAllow', 'redactionKeepsAuthorisingUser', 'updatedRedaction', 'redactsInContent'],
  'resolvesFromEmptyState',
]

test('each flag of the rules has cases that are allowed and cases that are refused, on both sides of its border', () => {
  const versions = roomVersionIds.map(requireRoomVersion)
  const flags = Object.entries(versions[0]!).filter(([, value]) => typeof value === 'boolean')
  for (const [flag] of flags) {
    if (elsewhere.includes(flag)) continue
    const isSet = versions.map((version) => version[flag as 'knocking'])
    const border = isSet.findIndex((value) => value !== isSet[0])
    const about = decisions.filter((decision) => decision.flag === flag)
    for (const { id } of versions.slice(border - 1, border + 1)) {
      const refusals = about.map((decision) => decision.refused[id])
      expect(refusals, `${flag} in version ${id}`).toContain(null)
      expect(refusals.some((rule) => typeof rule === 'string')).toBe(true)
    }
    const [before, after] = [versions[border - 1]!.id, versions[border]!.id]
    const changed = about.filter(({ refused }) => (refused[before] === null) !== (refused[after] === null))
    expect(changed.length, `${flag} changes a verdict`).toBeGreaterThan(1)
  }
})

test('every number that a list refuses by is the number of one rule of the code', () => {
  const source = readFileSync(new URL('./auth.ts', import.meta.url), 'utf8')
  const calls = source.matchAll(/refuse\(\s*version,\s*(?:version\.roomIdIsCreateHash \? '([\d.]+)' : )?'([\d.]+)'/g)
  const written = new Set([...calls].flatMap((call) => [call[1], call[2]]).filter((rule) => rule !== undefined))
  expect(numbers.map((list) => list.room_version)).toEqual(roomVersionIds)
  for (const { room_version, refuses } of numbers) {
    const version = requireRoomVersion(room_version)
    const here = [...written].map((rule) => ruleNumberIn(version, rule))
    for (const rule of refuses)
      expect(
        here.filter((one) => one === rule),
        `${rule} of ${room_version}`,
      ).toEqual([rule])
  }
  // And the list of version 12, in whose numbers the code is written, has all of them but the one that it left out.
  expect([...written].filter((rule) => rule !== '3.4').toSorted()).toEqual(numbers.at(-1)!.refuses.toSorted())
})

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { requireRoomVersion, roomVersionIds } from '#spec/room/versions.ts'
import { inVersion, judge, type Decision, type DecisionRoom } from '#spec/vectors/auth-decision.ts'

interface VersionDecision extends Decision {
  readonly name: string
  readonly flag: string
  readonly refused: Readonly<Record<string, string | null>>
}

const [room, ...decisions] = readFileSync(new URL('../vectors/auth-versions.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as unknown) as [DecisionRoom, ...VersionDecision[]]

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

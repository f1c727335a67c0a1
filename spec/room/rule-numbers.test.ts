import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { requireRoomVersion, roomVersionIds, ruleNumberIn } from '#spec/room/versions.ts'

/** The numbers that stand in the code, as it is written. */
const source = readFileSync(new URL('./auth.ts', import.meta.url), 'utf8')
const calls = source.matchAll(/refuse\(\s*version,\s*(?:version\.roomIdIsCreateHash \? '([\d.]+)' : )?'([\d.]+)'/g)
const written = new Set([...calls].flatMap((call) => [call[1], call[2]]).filter((rule) => rule !== undefined))
// A rule until version 11 only.
const ofVersion12 = [...written].filter((rule) => rule !== '3.4').toSorted()

const linesOf = (file: string): unknown[] =>
  readFileSync(new URL(`../vectors/${file}`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line) as unknown)

test('every number that the rules refuse with is hit by a vector', () => {
  const decisions = linesOf('auth-v12.jsonl') as { readonly refused: string | null }[]
  const hit = new Set(decisions.map((decision) => decision.refused).filter((rule) => rule !== null))
  expect([...hit].toSorted()).toEqual(ofVersion12)
  expect(hit.size).toBeGreaterThan(45)
})

test('every number that a list refuses by is the number of one rule of the code', () => {
  const lists = linesOf('auth-rules.jsonl') as { readonly room_version: string; readonly refuses: readonly string[] }[]
  expect(lists.map((list) => list.room_version)).toEqual(roomVersionIds)
  for (const { room_version, refuses } of lists) {
    const version = requireRoomVersion(room_version)
    const here = [...written].map((rule) => ruleNumberIn(version, rule))
    for (const rule of refuses)
      expect(
        here.filter((one) => one === rule),
        `${rule} of ${room_version}`,
      ).toEqual([rule])
  }
  // And the list of version 12, in whose numbers the code is written, has all of them.
  expect(ofVersion12).toEqual(lists.at(-1)!.refuses.toSorted())
})

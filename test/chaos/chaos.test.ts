import { expect, test } from 'vitest'
import { diceFrom } from './dice.ts'
import { mutantBlows, planBlows } from './plan-blows.ts'
import { complaintsOf, figuresOf, isClean } from './report.ts'
import { runChaos } from './run-chaos.ts'

const patienceMs = 240_000

test(
  'a node that is killed under load, or whose Postgres is, loses, doubles and renames nothing',
  { timeout: patienceMs },
  async () => {
    const blows = planBlows(4, 2, diceFrom(1))
    const result = await runChaos({ seed: 1, blows })
    const figures = figuresOf('', 1, blows, result, 0)
    expect(complaintsOf(result)).toBe('')
    expect(isClean(figures)).toBe(true)
    expect(figures).toMatchObject({ nodeKills: 4, postgresKills: 1, bothKills: 1 })
    expect(result.readyMs).toHaveLength(1 + 5 + 1)
    expect(result.backMs).toHaveLength(1)
    expect(figures.askedAgain).toBeGreaterThan(0)
    expect(figures.comingsAndGoings).toBeGreaterThan(0)
  },
)

test(
  'the check sees what a Postgres loses that acknowledges before it has written',
  { timeout: patienceMs },
  async () => {
    const result = await runChaos({ seed: 1, blows: mutantBlows(2), weakened: true })
    expect(result.verdict.lost.size).toBeGreaterThan(0)
  },
)

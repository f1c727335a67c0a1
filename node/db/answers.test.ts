import { expect, test } from 'vitest'
import { testDatabase } from '#test/postgres.ts'
import { movableClock } from '#test/serve-slices.ts'
import { answers } from './answers.ts'
import { connect } from './connect.ts'

test('whether a database answers is told in time, whatever has become of it', async () => {
  const clock = movableClock()
  const database = await testDatabase({ empty: true })
  expect(await answers(database.sql, clock)).toBe(true)
  const busy = connect(database.url, { max: 1 })
  const held = busy`select pg_sleep(30)`.catch(() => undefined)
  const asked = answers(busy, clock)
  clock.advance(2_000)
  expect(await asked).toBe(false)
  await busy.end({ timeout: 0 })
  await held
  await database.drop()
  expect(await answers(database.sql, clock)).toBe(false)
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { deactivate } from '#node/accounts/moderation/deactivate.ts'
import type { UserId } from '#spec/ids.ts'
import { furnish, type House } from './good-calls.ts'

/*
 * What is left in the database of somebody whose account has ended and was erased.
 */

/** Columns that may go on naming them, and why. */
const mayRemain: Readonly<Record<string, string>> = {
  'accounts.user_id': 'the name is never free again',
  'members.user_id': 'rooms know who was in them',
  'receipts.user_id': 'how far they had read was told to others',
  'read_marks.user_id': 'a mark is the place of a receipt',
  'event_transactions.user_id': 'kept for two days, so that nothing is sent twice',
  'media.user_id': 'files belong to the events that show them, and count for nobody else',
  'media.deleted_by': 'who took a file away',
  'presence.user_id': 'that they have gone is told to those who were away',
  'device_list_changes.user_id': 'that their devices have gone is told to those who were away',
  'unannounced_device_changes.user_id': 'the same, until the log has it',
  'reports.user_id': 'whom a report is about',
  'registration_tokens.used_by': 'by which invitation they came',
  'registration_tokens.created_by': 'who invited somebody who came',
  'room_aliases.created_by': "the alias is the room's; who made it was told to nobody",
}

let house: House
beforeAll(async () => {
  house = await furnish()
})
afterAll(async () => {
  await house.node.stop()
  await house.node.database.drop()
})

test('of an account that has ended nothing remains but what has a reason', async () => {
  const { sql } = house.node.database
  const { userId } = house.ayse
  const columns = await sql<{ table: string; column: string }[]>`
    select table_name as table, column_name as column from information_schema.columns
    where table_schema = 'public' and data_type = 'text'
      and column_name in ('user_id', 'target_user_id', 'signer', 'created_by', 'used_by', 'deleted_by', 'account', 'seen_by')`
  const named = async () => {
    const found = await Promise.all(
      columns.map(async ({ table, column }) => {
        const [row] = await sql<{ count: number }[]>`
          select count(*)::int as count from ${sql(table)} where ${sql(column)} = ${userId}`
        return row!.count > 0 ? [`${table}.${column}`] : []
      }),
    )
    return found.flat()
  }
  // There is something to take away.
  expect(await named()).toEqual(
    expect.arrayContaining([
      'account_data.user_id',
      'backed_up_keys.user_id',
      'dehydrated_devices.user_id',
      'delayed_events.user_id',
      'device_keys.user_id',
      'devices.user_id',
      'filters.user_id',
      'key_backups.user_id',
      'token_pairs.user_id',
    ]),
  )
  await deactivate(house.node.deps, { userId: userId as UserId, erase: true })
  expect((await named()).filter((name) => mayRemain[name] === undefined)).toEqual([])
})

import { createHash } from 'node:crypto'
import type { FilterDefinition } from '#spec/api/client/filter-definition.ts'
import { notFound } from '#spec/errors.ts'
import type { UserId } from '#spec/ids.ts'
import { canonicalJson, type Json } from '#spec/json.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { insertFilter, readFilterText } from './store.ts'

/** Stores a filter; its id is made from what it says, so a client that defines it at every start adds nothing. */
export async function addFilter(deps: Deps, userId: UserId, definition: FilterDefinition): Promise<string> {
  const text = canonicalJson(definition as Json)
  const filterId = createHash('sha256').update(text).digest('base64url').slice(0, 22)
  await transaction(deps.sql, (tx) => insertFilter(tx, { userId, filterId, definition: text }))
  return filterId
}

/** A stored filter. Throws M_NOT_FOUND. It never changes, so it may be kept in memory. */
export async function findFilter(deps: Deps, userId: UserId, filterId: string): Promise<FilterDefinition> {
  const text = await readFilterText(deps.sql, userId, filterId)
  if (text === undefined) throw notFound('There is no such filter.')
  return JSON.parse(text) as FilterDefinition
}

import { invalidParam, MatrixError, notFound } from '#spec/errors.ts'
import type { JsonObject } from '#spec/json.ts'
import { isLongerThan, maxKeyBytes } from '#spec/limits.ts'
import type { Deps } from '#node/deps.ts'
import { write, type FactKind } from '#node/stream/commit.ts'
import { readAccountData, upsertAccountData, type AccountData } from './store.ts'

/** Account data in the log. Slices that keep some for the user (read markers, push rules) write it with this kind. */
export const accountDataKind: FactKind<AccountData> = {
  name: 'account data',
  positioned: true,
  write: (tx, facts) => {
    // Of several writes to one key in a batch the last counts: one statement cannot touch a row twice.
    const last = new Map(facts.map((fact) => [`${fact.row.userId} ${fact.row.roomId} ${fact.row.type}`, fact]))
    const rows = [...last.values()].map(({ row, position }) => ({ ...row, position }))
    return [upsertAccountData(tx, rows)]
  },
  concerns: (row) => ({ users: [row.userId] }),
}

/** These have endpoints of their own. Client-Server API, "Client Config". */
const managedTypes: ReadonlySet<string> = new Set(['m.fully_read', 'm.push_rules'])

/** Stores what a client has to keep; its devices learn of it by the log. */
export async function putAccountData(deps: Deps, at: Omit<AccountData, 'content'>, content: JsonObject): Promise<void> {
  if (managedTypes.has(at.type)) throw new MatrixError('M_BAD_JSON', `${at.type} cannot be set here.`, { status: 405 })
  if (at.type === '' || isLongerThan(at.type, maxKeyBytes))
    throw invalidParam(`A type of account data has 1 to ${maxKeyBytes} bytes.`)
  await deps.stream.append([write(accountDataKind, { ...at, content: JSON.stringify(content) })])
}

/** The content, as JSON text. Throws M_NOT_FOUND. */
export async function getAccountDataText(deps: Deps, at: Omit<AccountData, 'content'>): Promise<string> {
  const content = await readAccountData(deps.sql, at)
  if (content === undefined) throw notFound('Nothing is stored under this type.')
  return content
}

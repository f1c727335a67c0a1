import { badJson, invalidParam, MatrixError, notFound } from '#spec/errors.ts'
import type { UserId } from '#spec/ids.ts'
import { isUserId } from '#spec/ids.ts'
import { isJsonObject, type JsonObject } from '#spec/json.ts'
import { isLongerThan, maxKeyBytes } from '#spec/limits.ts'
import type { Deps } from '#node/deps.ts'
import { write, type FactKind } from '#node/stream/commit.ts'
import { rulesetOf, noRuleChanges, type PushRuleChanges } from '#spec/push/rule-changes.ts'
import * as store from './store.ts'
import type { AccountData } from './store.ts'

/** Account data in the log. Slices that keep some for the user (read markers, push rules) write it with this kind. */
export const accountDataKind: FactKind<AccountData> = {
  name: 'account data',
  positioned: true,
  write: (tx, facts) => {
    // Of several writes to one key in a batch the last counts: one statement cannot touch a row twice.
    const last = new Map(facts.map((fact) => [`${fact.row.userId} ${fact.row.roomId} ${fact.row.type}`, fact]))
    const rows = [...last.values()].map(({ row, position }) => ({ ...row, position }))
    return [store.upsertAccountData(tx, rows)]
  },
  concerns: (row) => ({ users: [row.userId] }),
}

/** Kept as `PushRuleChanges`, so that rules which are predefined later reach everybody; shown as all the rules. */
export const pushRulesType = 'm.push_rules'

/** These have endpoints of their own. Client-Server API, "Client Config". */
const managedTypes: ReadonlySet<string> = new Set(['m.fully_read', pushRulesType])

/** Stores what a client has to keep; its devices learn of it by the log. */
export async function putAccountData(deps: Deps, at: Omit<AccountData, 'content'>, content: JsonObject): Promise<void> {
  if (managedTypes.has(at.type)) throw new MatrixError('M_BAD_JSON', `${at.type} cannot be set here.`, { status: 405 })
  if (at.type === '' || isLongerThan(at.type, maxKeyBytes))
    throw invalidParam(`A type of account data has 1 to ${maxKeyBytes} bytes.`)
  if (at.type === 'm.ignored_user_list' && at.roomId === '') checkIgnoredUsers(content)
  await deps.stream.append([write(accountDataKind, { ...at, content: JSON.stringify(content) })])
}

/** This server reads it itself, so one that it cannot read is not taken. */
function checkIgnoredUsers({ ignored_users: ignored }: JsonObject): void {
  if (!isJsonObject(ignored)) throw badJson('ignored_users must be an object with a user id for each key.')
  for (const [userId, details] of Object.entries(ignored))
    if (!isUserId(userId) || !isJsonObject(details))
      throw badJson(`${userId.slice(0, 255)} cannot be ignored: it must be a user id, with an object.`)
}

/** The content, as JSON text. Throws M_NOT_FOUND. */
export async function getAccountDataText(deps: Deps, at: Omit<AccountData, 'content'>): Promise<string> {
  const content = await store.readAccountData(deps.sql, at)
  if (isPushRules(at)) return pushRulesText(at.userId, content)
  if (content === undefined) throw notFound('Nothing is stored under this type.')
  return content
}

/**
 * What a user's clients are told of their account data, oldest first: what was written after `since` and up to `upTo`. From the beginning on (0), everybody
 * has push rules, though most have never changed any.
 */
export async function accountDataSince(
  deps: Deps,
  userId: UserId,
  since: number,
  upTo: number,
): Promise<readonly store.PositionedAccountData[]> {
  const rows = await store.readAccountDataSince(deps.sql, userId, since, upTo)
  const shown = rows.map((row) => (isPushRules(row) ? { ...row, content: pushRulesText(userId, row.content) } : row))
  if (since > 0 || rows.some(isPushRules)) return shown
  return [{ userId, roomId: '', type: pushRulesType, content: pushRulesText(userId, undefined), position: 0 }, ...shown]
}

const isPushRules = ({ roomId, type }: Pick<AccountData, 'roomId' | 'type'>): boolean =>
  roomId === '' && type === pushRulesType

const pushRulesText = (userId: UserId, changes: string | undefined): string =>
  JSON.stringify({
    global: rulesetOf(userId, changes === undefined ? noRuleChanges : (JSON.parse(changes) as PushRuleChanges)),
  })

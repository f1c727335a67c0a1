import { changesOf, noRuleChanges, rulesetOf, type PushRuleChanges } from '#spec/push/rule-changes.ts'
import type { PushRuleset } from '#spec/push/push-rule.ts'
import type { UserId } from '#spec/ids.ts'
import { accountDataKind, pushRulesType } from '#node/accounts/account-data.ts'
import { readAccountData } from '#node/accounts/store.ts'
import type { Deps } from '#node/deps.ts'
import { inTurn } from '#node/stream/in-turn.ts'
import { write } from '#node/stream/commit.ts'

/** All the rules of a user, in the order in which they are tried. */
export const readRules = async (deps: Deps, userId: UserId): Promise<PushRuleset> => {
  const changes = await readAccountData(deps.sql, { userId, roomId: '', type: pushRulesType })
  return rulesetOf(userId, changes === undefined ? noRuleChanges : (JSON.parse(changes) as PushRuleChanges))
}

/** Changes a user's rules, one change after the other. A change that leaves them as they are is not told to anybody. */
export async function changeRules(
  deps: Deps,
  userId: UserId,
  change: (ruleset: PushRuleset) => PushRuleset,
): Promise<void> {
  await inTurn(deps, `push rules of ${userId}`, async () => {
    const before = await readRules(deps, userId)
    const [old, content] = [before, change(before)].map((ruleset) => JSON.stringify(changesOf(userId, ruleset)))
    if (old === content) return
    await deps.stream.append([write(accountDataKind, { userId, roomId: '', type: pushRulesType, content: content! })])
  })
}

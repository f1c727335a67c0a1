import type { UserId } from '#spec/ids.ts'
import { compileRules, type CompiledRules } from '#spec/push/evaluate.ts'
import { noRuleChanges, rulesetOf, type PushRuleChanges } from '#spec/push/rule-changes.ts'
import { accountDataKind, pushRulesType } from '#node/accounts/account-data.ts'
import type { AccountData } from '#node/accounts/store.ts'
import { perNode, type Deps } from '#node/deps.ts'
import * as store from './store.ts'

const ignoredType = 'm.ignored_user_list'

/** What a person of this node has set that decides about their notifications. It is not changed: a change makes another. */
export interface Settings {
  readonly userId: UserId
  readonly changes: PushRuleChanges
  /** Whose events never notify them. */
  readonly ignored: ReadonlySet<string>
  /** All their rules, compiled when they are first needed. */
  compiled: CompiledRules | undefined
}

const mostKept = 20_000

interface Kept {
  readonly byUser: Map<UserId, Settings>
  /** Called with the settings that somebody has from now on. */
  readonly listeners: Set<(settings: Settings) => void>
  /** Counts what was committed that changes any. */
  changes: number
}

const keptOf = perNode<Kept>((deps) => {
  const kept: Kept = { byUser: new Map(), listeners: new Set(), changes: 0 }
  deps.stream.onCommit(({ facts }) => {
    for (const { kind, row } of facts) if ((kind as unknown) === accountDataKind) note(kept, row as AccountData)
  })
  return kept
})

function note(kept: Kept, { userId, roomId, type, content }: AccountData): void {
  if (roomId !== '' || (type !== pushRulesType && type !== ignoredType)) return
  kept.changes++
  const known = kept.byUser.get(userId)
  if (known === undefined) return
  const changed = withSetting(known, type, content)
  kept.byUser.set(userId, changed)
  for (const listener of kept.listeners) listener(changed)
}

/** Begins to hear of changes. */
export const watchSettings = (deps: Deps): void => void keptOf(deps)

/** Calls the listener when somebody whose settings were read has others. */
export const onSettings = (deps: Deps, listener: (settings: Settings) => void): void =>
  void keptOf(deps).listeners.add(listener)

/** The settings of some people of this node, as new as what has been announced. */
export async function settingsOf(deps: Deps, userIds: readonly UserId[]): Promise<ReadonlyMap<UserId, Settings>> {
  const kept = keptOf(deps)
  for (;;) {
    const missing = userIds.filter((userId) => !kept.byUser.has(userId))
    const { changes } = kept
    if (missing.length > 0) {
      const rows = await store.readSettings(deps.sql, missing, [pushRulesType, ignoredType])
      // What was read may be older than what was announced meanwhile.
      if (kept.changes !== changes) continue
      const read = new Map(missing.map((userId) => [userId, noSettings(userId)]))
      for (const { userId, type, content } of rows) read.set(userId, withSetting(read.get(userId)!, type, content))
      if (kept.byUser.size + read.size > mostKept) kept.byUser.clear()
      for (const [userId, settings] of read) kept.byUser.set(userId, settings)
      if (userIds.some((userId) => !kept.byUser.has(userId))) continue
    }
    return new Map(userIds.map((userId) => [userId, kept.byUser.get(userId)!]))
  }
}

const noSettings = (userId: UserId): Settings => ({
  userId,
  changes: noRuleChanges,
  ignored: new Set(),
  compiled: undefined,
})

function withSetting(settings: Settings, type: string, content: string): Settings {
  const value = JSON.parse(content) as unknown
  if (type === pushRulesType) return { ...settings, changes: value as PushRuleChanges, compiled: undefined }
  const { ignored_users: ignored } = value as { ignored_users?: unknown }
  const isList = typeof ignored === 'object' && ignored !== null
  return { ...settings, ignored: new Set(isList ? Object.keys(ignored) : []) }
}

/** All the rules of a person, ready to be tried. */
export const rulesOf = (settings: Settings): CompiledRules =>
  (settings.compiled ??= compileRules(settings.userId, rulesetOf(settings.userId, settings.changes)))

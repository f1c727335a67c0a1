import type { JsonObject } from '#spec/json.ts'

/** The kinds of push rules, in the order in which they are tried. Client-Server API, "Push Rules". */
export const pushRuleKinds = ['override', 'content', 'room', 'sender', 'underride'] as const
export type PushRuleKind = (typeof pushRuleKinds)[number]

/** `notify`, or an object: `{ "set_tweak": name, "value"?: any }`. Client-Server API, "Actions". */
export type PushAction = string | JsonObject

/** A condition of an override or underride rule. Its other fields depend on `kind`; an unknown kind never holds. Client-Server API, "Conditions". */
export type PushCondition = JsonObject & { readonly kind: string }

/** A push rule as clients see it. */
export interface PushRule {
  /** Of predefined rules with a dot in front; the room of a room rule, the user of a sender rule. */
  readonly rule_id: string
  /** True for predefined rules. */
  readonly default: boolean
  readonly enabled: boolean
  /** Of override and underride rules; all must hold. */
  readonly conditions?: readonly PushCondition[]
  /** Of content rules: a glob that some words of `content.body` match. */
  readonly pattern?: string
  readonly actions: readonly PushAction[]
}

/** Rules by kind, each list in the order in which it is tried: what `GET /pushrules/global/` answers, and `m.push_rules` holds as `global`. */
export type PushRuleset = { readonly [Kind in PushRuleKind]: readonly PushRule[] }

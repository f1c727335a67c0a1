import * as z from 'zod/mini'
import { pathText } from '#spec/api/path-text.ts'
import { endpoint } from '#spec/endpoint.ts'
import { pushActions, pushRuleBody, pushRuleKind } from '#spec/push/rule-schemas.ts'

const actions = z.array(z.union([z.string(), z.looseObject({})]))

const pushRule = z.looseObject({
  rule_id: z.string(),
  /** One of the predefined rules, whose ids begin with a dot. */
  default: z.boolean(),
  enabled: z.boolean(),
  /** Of override and underride rules; all must hold. */
  conditions: z.optional(z.array(z.looseObject({ kind: z.string() }))),
  /** Of content rules. */
  pattern: z.optional(z.string()),
  actions,
})

const pushRules = z.array(pushRule)

const ruleset = z.looseObject({
  override: z.optional(pushRules),
  content: z.optional(pushRules),
  room: z.optional(pushRules),
  sender: z.optional(pushRules),
  underride: z.optional(pushRules),
})

/**
 * GET /_matrix/client/v3/pushrules/
 *
 * The caller's push rules, by kind and in the order in which they are tried. Clients read them before they first sync.
 * Source: Client-Server API, "Push Rules: API".
 */
export const getPushRules = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/pushrules/',
  auth: 'token',
  limit: 'read',
  response: z.looseObject({ global: ruleset }),
})

/**
 * GET /_matrix/client/v3/pushrules/global/
 *
 * The same rules, without the word around them.
 * Source: Client-Server API, "Push Rules: API".
 */
export const getGlobalPushRules = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/pushrules/global/',
  auth: 'token',
  limit: 'read',
  response: ruleset,
})

const ruleParams = z.object({ kind: pushRuleKind, ruleId: pathText })

/**
 * GET /_matrix/client/v3/pushrules/global/{kind}/{ruleId}
 *
 * One of the caller's push rules. 404: they have no such rule of this kind.
 * Source: Client-Server API, "Push Rules: API".
 */
export const getPushRule = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/pushrules/global/{kind}/{ruleId}',
  auth: 'token',
  limit: 'read',
  params: ruleParams,
  response: pushRule,
})

/**
 * PUT /_matrix/client/v3/pushrules/global/{kind}/{ruleId}
 *
 * Makes a push rule of the caller's own or changes one. `before` and `after` name another rule of their own, of the same kind; without them a new
 * rule is the first of its kind, and a changed one stays where it is. 400 M_UNKNOWN: there is no such neighbour; 400 M_INVALID_PARAM: the id begins with
 * a dot, has a slash, or the kind does not have a field; 413: more than 1,000 rules, or one of more than 1 KiB.
 * Source: Client-Server API, "Push Rules: API".
 */
export const setPushRule = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/pushrules/global/{kind}/{ruleId}',
  auth: 'token',
  limit: 'write',
  params: ruleParams,
  query: z.object({ before: z.optional(z.string()), after: z.optional(z.string()) }),
  body: pushRuleBody,
  response: z.looseObject({}),
})

/**
 * DELETE /_matrix/client/v3/pushrules/global/{kind}/{ruleId}
 *
 * Takes away a push rule of the caller's own. 404: they have no such rule; 400 M_INVALID_PARAM: it is a predefined one.
 * Source: Client-Server API, "Push Rules: API".
 */
export const deletePushRule = endpoint({
  method: 'DELETE',
  path: '/_matrix/client/v3/pushrules/global/{kind}/{ruleId}',
  auth: 'token',
  limit: 'write',
  params: ruleParams,
  response: z.looseObject({}),
})

/**
 * GET /_matrix/client/v3/pushrules/global/{kind}/{ruleId}/enabled
 *
 * Whether a push rule is tried at all. 404: there is no such rule.
 * Source: Client-Server API, "Push Rules: API".
 */
export const isPushRuleEnabled = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/pushrules/global/{kind}/{ruleId}/enabled',
  auth: 'token',
  limit: 'read',
  params: ruleParams,
  response: z.looseObject({ enabled: z.boolean() }),
})

/**
 * PUT /_matrix/client/v3/pushrules/global/{kind}/{ruleId}/enabled
 *
 * Enables or disables a push rule, predefined ones too. 404: there is no such rule.
 * Source: Client-Server API, "Push Rules: API".
 */
export const setPushRuleEnabled = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/pushrules/global/{kind}/{ruleId}/enabled',
  auth: 'token',
  limit: 'write',
  params: ruleParams,
  body: z.looseObject({ enabled: z.boolean() }),
  response: z.looseObject({}),
})

/**
 * GET /_matrix/client/v3/pushrules/global/{kind}/{ruleId}/actions
 *
 * What a push rule leads to. 404: there is no such rule.
 * Source: Client-Server API, "Push Rules: API".
 */
export const getPushRuleActions = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/pushrules/global/{kind}/{ruleId}/actions',
  auth: 'token',
  limit: 'read',
  params: ruleParams,
  response: z.looseObject({ actions }),
})

/**
 * PUT /_matrix/client/v3/pushrules/global/{kind}/{ruleId}/actions
 *
 * Sets what a push rule leads to, for predefined ones too. 404: there is no such rule; 413: the rule would be larger than 1 KiB.
 * Source: Client-Server API, "Push Rules: API".
 */
export const setPushRuleActions = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/pushrules/global/{kind}/{ruleId}/actions',
  auth: 'token',
  limit: 'write',
  params: ruleParams,
  body: z.looseObject({ actions: pushActions }),
  response: z.looseObject({}),
})

import * as z from 'zod/mini'
import { endpoint } from '#spec/endpoint.ts'

const pushRules = z.array(
  z.looseObject({
    rule_id: z.string(),
    /** One of the predefined rules, whose ids begin with a dot. */
    default: z.boolean(),
    enabled: z.boolean(),
    /** Of override and underride rules; all must hold. */
    conditions: z.optional(z.array(z.looseObject({ kind: z.string() }))),
    /** Of content rules. */
    pattern: z.optional(z.string()),
    actions: z.array(z.union([z.string(), z.looseObject({})])),
  }),
)

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

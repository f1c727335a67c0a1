import * as z from 'zod/mini'
import { endpoint } from '#spec/endpoint.ts'

const booleanCapability = z.optional(z.looseObject({ enabled: z.boolean() }))

/**
 * GET /_matrix/client/v3/capabilities
 *
 * What the server lets the caller do, and which room versions it knows.
 * Source: Client-Server API, "Capabilities negotiation".
 */
export const getCapabilities = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/capabilities',
  auth: 'token',
  limit: 'read',
  response: z.looseObject({
    capabilities: z.looseObject({
      'm.change_password': booleanCapability,
      'm.room_versions': z.optional(
        z.looseObject({
          default: z.string(),
          /** `stable` or `unstable` by room version; any other word counts as unstable. */
          available: z.record(z.string(), z.string()),
        }),
      ),
      'm.profile_fields': z.optional(
        z.looseObject({
          enabled: z.boolean(),
          allowed: z.optional(z.array(z.string())),
          disallowed: z.optional(z.array(z.string())),
        }),
      ),
      'm.set_displayname': booleanCapability,
      'm.set_avatar_url': booleanCapability,
      'm.3pid_changes': booleanCapability,
      'm.get_login_token': booleanCapability,
      'm.forget_forced_upon_leave': booleanCapability,
      /** COMPAT(clients with calls, MSC4140, remove when the specification has it) */
      'org.matrix.msc4140.delayed_events': z.optional(z.looseObject({ max_delay_ms: z.int(), max_scheduled: z.int() })),
      /** Absent for those who may do neither. */
      'm.account_moderation': z.optional(
        z.looseObject({ suspend: z.optional(z.boolean()), lock: z.optional(z.boolean()) }),
      ),
    }),
  }),
})

import * as z from 'zod/mini'
import { endpoint } from '#spec/endpoint.ts'

/** The largest `data` of a pusher, in bytes as JSON. Ours: the specification names none. */
export const maxPusherDataBytes = 4_096

const name = z.string().check(z.maxLength(256))

/** Where notifications are pushed to. Client-Server API, "Push Notifications". */
const pusher = z.looseObject({
  pushkey: z.string(),
  kind: z.string(),
  app_id: z.string(),
  app_display_name: z.string(),
  device_display_name: z.string(),
  profile_tag: z.optional(z.string()),
  lang: z.string(),
  data: z.looseObject({ url: z.optional(z.string()), format: z.optional(z.string()) }),
})

/**
 * GET /_matrix/client/v3/pushers
 *
 * The caller's pushers, of all their sessions.
 * Source: Client-Server API, "Push Notifications".
 */
export const getPushers = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/pushers',
  auth: 'token',
  limit: 'read',
  response: z.looseObject({ pushers: z.array(pusher) }),
})

/**
 * POST /_matrix/client/v3/pushers/set
 *
 * Makes or changes a pusher of the caller's session, or with `kind` null takes it away. `kind` is `http`; `data.url` is an HTTPS address with the path
 * `/_matrix/push/v1/notify`. Without `append`, the same app and pushkey of other users go: the phone is now this user's. 400 M_MISSING_PARAM,
 * M_INVALID_PARAM; 413: more than 100 pushers, or `data` of more than 4 KiB.
 * Source: Client-Server API, "Push Notifications".
 */
export const setPusher = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/pushers/set',
  auth: 'token',
  limit: 'write',
  body: z.looseObject({
    pushkey: z.string().check(z.minLength(1), z.maxLength(512)),
    kind: z.nullable(z.string()),
    app_id: z.string().check(z.minLength(1), z.maxLength(64)),
    app_display_name: z.optional(name),
    device_display_name: z.optional(name),
    profile_tag: z.optional(z.string().check(z.maxLength(32))),
    lang: z.optional(z.string().check(z.maxLength(32))),
    data: z.optional(z.looseObject({ url: z.optional(z.string()), format: z.optional(z.string()) })),
    append: z.optional(z.boolean()),
    /** COMPAT(clients of MSC3881, 2026, remove when it is in the specification): a pusher that is switched off is kept, and pushes nothing. */
    'org.matrix.msc3881.enabled': z.optional(z.boolean()),
  }),
  response: z.looseObject({}),
})

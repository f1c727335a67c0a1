import * as z from 'zod/mini'
import { pathText } from '#spec/api/path-text.ts'
import { endpoint } from '#spec/endpoint.ts'
import { userId } from '#spec/ids.ts'

const inviteParams = z.object({
  /** The token of an invitation where it is looked at, its `invite_id` where it is withdrawn. */
  invite: pathText,
})

/** An invitation as its maker sees it; the token is shown once, when it is made. */
export const invite = z.looseObject({
  invite_id: z.string(),
  /** In ms since the Unix epoch, as all times here. */
  created_at: z.int(),
  expires_at: z.int(),
  /** Who registered with it; absent while it waits. */
  used_by: z.optional(userId),
  used_at: z.optional(z.int()),
})

/**
 * POST /_hearth/client/v1/invites
 *
 * Makes an invitation: one person may register with it, within seven days. 403: registration is closed, or 100 invitations are waiting.
 * Source: README.md beside this file.
 */
export const createInvite = endpoint({
  method: 'POST',
  path: '/_hearth/client/v1/invites',
  auth: 'token',
  limit: 'create',
  maxBodyBytes: 4_096,
  body: z.looseObject({}),
  response: z.looseObject({
    invite_id: z.string(),
    /** A registration token, as `m.login.registration_token` takes it. */
    token: z.string(),
    /** The page that asks for a name and a password, to be sent to the person. */
    url: z.string(),
    expires_at: z.int(),
  }),
})

/**
 * GET /_hearth/client/v1/invites
 *
 * The caller's invitations, newest first: those that wait and those that were used, not those that expired.
 * Source: README.md beside this file.
 */
export const getInvites = endpoint({
  method: 'GET',
  path: '/_hearth/client/v1/invites',
  auth: 'token',
  limit: 'read',
  response: z.looseObject({ invites: z.array(invite) }),
})

/**
 * DELETE /_hearth/client/v1/invites/{invite}
 *
 * Withdraws one of the caller's invitations, named by its `invite_id`. 404: the caller has none of that id that still waits.
 * Source: README.md beside this file.
 */
export const deleteInvite = endpoint({
  method: 'DELETE',
  path: '/_hearth/client/v1/invites/{invite}',
  auth: 'token',
  limit: 'write',
  params: inviteParams,
  response: z.looseObject({}),
})

/**
 * GET /_hearth/client/v1/invites/{invite}
 *
 * Who invites, for the person who opened the link; `invite` is the token. 404: no such invitation, or used, withdrawn, expired.
 * Source: README.md beside this file.
 */
export const getInvite = endpoint({
  method: 'GET',
  path: '/_hearth/client/v1/invites/{invite}',
  auth: 'none',
  limit: 'read',
  params: inviteParams,
  response: z.looseObject({
    inviter: z.looseObject({ user_id: userId, display_name: z.optional(z.string()) }),
    server_name: z.string(),
    expires_at: z.int(),
  }),
})

/**
 * GET /_hearth/client/v1/welcome
 *
 * What the first page has to know: whose server this is, and who may register.
 * Source: README.md beside this file.
 */
export const getWelcome = endpoint({
  method: 'GET',
  path: '/_hearth/client/v1/welcome',
  auth: 'none',
  limit: 'read',
  response: z.looseObject({
    server_name: z.string(),
    /** `open`: anybody; `invite`: people with an invitation; `closed`: nobody. */
    registration: z.enum(['open', 'invite', 'closed']),
    /** False until somebody has registered with the set-up link; until then, unless `open`, only that link registers. */
    claimed: z.boolean(),
    /** What people agree to when they register. */
    terms_url: z.optional(z.string()),
  }),
})

import * as z from 'zod/mini'
import { userId } from '#spec/ids.ts'
import { eventType } from './event-type.ts'

/** What a verified third-party identifier is turned into a user with: signed by the identity server that stored the invite. */
const signedInvite = z.looseObject({
  mxid: userId,
  token: z.string(),
  signatures: z.record(z.string(), z.record(z.string(), z.string())),
})

/**
 * m.room.member: what a user is to the room; the state key is the user. `displayname` and `avatar_url` are the profile that the room shows.
 * `join_authorised_via_users_server` names the member whose server let a restricted join in, and must not be copied
 * into later events of the user.
 */
export const roomMember = eventType({
  type: 'm.room.member',
  kind: 'state',
  content: z.looseObject({
    membership: z.enum(['invite', 'join', 'knock', 'leave', 'ban']),
    displayname: z.optional(z.nullable(z.string())),
    avatar_url: z.optional(z.nullable(z.string())),
    is_direct: z.optional(z.boolean()),
    reason: z.optional(z.string()),
    join_authorised_via_users_server: z.optional(userId),
    third_party_invite: z.optional(z.looseObject({ display_name: z.string(), signed: signedInvite })),
  }),
})

import * as z from 'zod/mini'
import { eventType } from './event-type.ts'

/**
 * m.room.third_party_invite: an invitation for whoever proves to own an address; the state key is a token. Empty content takes it back.
 * A key is unpadded base64 of either alphabet. Who has the token signed by one of the keys may be invited by the sender of this event.
 */
export const roomThirdPartyInvite = eventType({
  type: 'm.room.third_party_invite',
  kind: 'state',
  content: z.looseObject({
    display_name: z.optional(z.string()),
    key_validity_url: z.optional(z.string()),
    public_key: z.optional(z.string()),
    public_keys: z.optional(
      z.array(z.looseObject({ public_key: z.string(), key_validity_url: z.optional(z.string()) })),
    ),
  }),
})

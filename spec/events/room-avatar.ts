import * as z from 'zod/mini'
import { eventType } from './event-type.ts'
import { imageInfo, mxcUri } from './fields.ts'

/** m.room.avatar: the picture of the room. Without `url` it takes the picture away; older clients send an empty one for that. */
export const roomAvatar = eventType({
  type: 'm.room.avatar',
  kind: 'state',
  content: z.looseObject({ url: z.optional(z.union([mxcUri, z.literal('')])), info: z.optional(imageInfo) }),
})

import * as z from 'zod/mini'

/*
 * Parts that the content of several event types share.
 */

/** A content address: `mxc://server/media`. Appendices of the Client-Server API, "Matrix Content (mxc://) URIs". */
export const mxcUri = z.string().check(z.regex(/^mxc:\/\/[^/\s]+\/[A-Za-z0-9_-]+$/, 'Not an mxc address'))

/** An integer of canonical JSON. */
export const integer = z.number().check(z.refine(Number.isSafeInteger, 'Not an integer within 2^53 - 1'))

/** A size, a width, a duration: an integer that is not negative. */
export const amount = z.number().check(z.refine((n) => Number.isSafeInteger(n) && n >= 0, 'Not a whole amount'))

/** What is known of a thumbnail: pixels and bytes. */
export const thumbnailInfo = z.looseObject({
  h: z.optional(amount),
  w: z.optional(amount),
  mimetype: z.optional(z.string()),
  size: z.optional(amount),
})

/** What is known of an image: pixels, bytes, and a thumbnail. */
export const imageInfo = z.looseObject({
  h: z.optional(amount),
  w: z.optional(amount),
  mimetype: z.optional(z.string()),
  size: z.optional(amount),
  is_animated: z.optional(z.boolean()),
  thumbnail_url: z.optional(mxcUri),
  thumbnail_info: z.optional(thumbnailInfo),
})

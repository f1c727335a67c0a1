import * as z from 'zod/mini'

/** Free text in a path. U+0000 is refused, as it is in JSON: no database column can hold it. */
export const pathText = z.string().check(z.refine((text) => !text.includes('\u0000'), 'U+0000 is not allowed'))

import * as z from 'zod/mini'
import { queryInteger } from '#spec/api/query.ts'

/** How many to leave out before the page begins. */
export const from = z._default(queryInteger(0, 2_147_483_647), 0)
/** The most entries of a page. */
export const limit = z._default(queryInteger(1, 1_000), 100)
/** `f` the usual way round, `b` the other. */
export const dir = z.enum(['f', 'b'])
/** What `from` is for the next page; absent on the last. Numbers and text, as the tools know them. */
export const nextToken = z.union([z.string(), z.int()])

import type { Slice } from '#node/slice.ts'
import { routes } from './http.ts'
import { startTyping } from './typing.ts'

/** What passes: who is typing, and how far everybody has read. */
export const ephemeral: Slice = {
  name: 'ephemeral',
  routes,
  start: async (deps) => startTyping(deps),
}

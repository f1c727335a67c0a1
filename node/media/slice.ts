import type { Slice } from '#node/slice.ts'
import { endWaiting } from './awaited.ts'
import { routes } from './http.ts'
import { clearSpool } from './spool.ts'
import { drawersOf } from './thumbnail.ts'

/** Files: uploaded, kept once by what they hold, sent whole or in part. */
export const media: Slice = {
  name: 'media',
  routes,
  start: async (deps) => {
    await clearSpool(deps)
    return async () => drawersOf(deps).stop()
  },
  drain: endWaiting,
}

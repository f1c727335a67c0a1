import type { Slice } from '#node/slice.ts'
import { endWaiting } from './awaited.ts'
import { startSweeping } from './delete-media.ts'
import { routes } from './http.ts'
import { jobs } from './jobs.ts'
import { onEvents } from './on-events.ts'
import { readersOf } from './preview.ts'
import { clearSpool } from './spool.ts'
import { drawersOf } from './thumbnail.ts'

/** Files: uploaded, kept once by what they hold, sent whole or in part. */
export const media: Slice = {
  name: 'media',
  routes,
  onEvents,
  jobs,
  start: async (deps) => {
    await clearSpool(deps)
    await startSweeping(deps)
    return async () => {
      drawersOf(deps).stop()
      readersOf(deps).stop()
    }
  },
  drain: endWaiting,
}

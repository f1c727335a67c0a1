import { streamPath } from '#spec/extensions/stream/messages.ts'
import type { Slice } from '#node/slice.ts'
import { endWaiting } from './bell.ts'
import { watchRooms } from './changed-rooms.ts'
import { routes } from './http.ts'
import { closeStreams, openStream, watchStreams } from './stream.ts'

/** What readers are told: everything once, and then what is new, by /sync or by the stream. */
export const sync: Slice = {
  name: 'sync',
  routes,
  upgrades: { [streamPath]: openStream },
  start: async (deps) => {
    watchRooms(deps)
    const stop = watchStreams(deps)
    return async () => stop()
  },
  drain: (deps) => {
    endWaiting(deps)
    closeStreams(deps)
  },
}

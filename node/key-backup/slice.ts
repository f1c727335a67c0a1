import { onDeactivation } from '#node/accounts/moderation/deactivate.ts'
import type { Slice } from '#node/slice.ts'
import { routes } from './http.ts'
import { deleteAllBackups } from './store.ts'

/** Where people keep the keys of what was said, encrypted, for the devices that they will have. */
export const keyBackup: Slice = {
  name: 'key-backup',
  routes,
  start: async (deps) => {
    const end = onDeactivation(deps, (tx, { userId }) => deleteAllBackups(tx, userId))
    return async () => end()
  },
}

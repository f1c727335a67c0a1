import type { Slice } from '#node/slice.ts'
import { routes } from './http.ts'
import { keepWritingSeen } from './last-seen.ts'
import { loadRestricted } from './moderation/account-status.ts'
import { loadErased } from './moderation/erased.ts'
import { registerSenders } from './register.ts'
import { setupToken } from './setup.ts'

/** Who people are: accounts, logins and their tokens, profiles, and what clients keep on the server. */
export const accounts: Slice = {
  name: 'accounts',
  routes,
  start: async (deps) => {
    await registerSenders(deps)
    await loadRestricted(deps)
    await loadErased(deps)
    await setupToken(deps)
    return keepWritingSeen(deps)
  },
}

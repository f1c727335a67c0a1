import type { Slice } from '#node/slice.ts'
import { routes } from './http.ts'
import { keepWritingSeen } from './last-seen.ts'
import { forgetThirdPartyIds } from './mail/third-party-ids.ts'
import { mailValidation } from './mail/validate-address.ts'
import { loadRestricted } from './moderation/account-status.ts'
import { onDeactivation } from './moderation/deactivate.ts'
import { loadErased } from './moderation/erased.ts'
import { registerSenders } from './register.ts'
import { setupToken } from './setup.ts'

/** Who people are: accounts, logins and their tokens, profiles, and what clients keep on the server. */
export const accounts: Slice = {
  name: 'accounts',
  routes,
  jobs: [mailValidation],
  start: async (deps) => {
    await registerSenders(deps)
    await loadRestricted(deps)
    await loadErased(deps)
    await setupToken(deps)
    onDeactivation(deps, (tx, { userId }) => forgetThirdPartyIds(tx, userId))
    return keepWritingSeen(deps)
  },
}

import type { UserId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import { checkPassword, localUserOf, wrongPassword } from './check-password.ts'
import type { Stage } from './interactive-auth.ts'
import { nameOf } from './user-identifier.ts'

/** The stage in which a logged-in user gives the password again. */
export const passwordStage = (deps: Deps, userId: UserId, address: string): Stage => ({
  type: 'm.login.password',
  async check(auth) {
    const isByAddress = auth.identifier?.type === 'm.id.thirdparty'
    const name = isByAddress ? await nameOf(deps, auth) : (auth.identifier?.user ?? auth.user ?? userId)
    // Another user's name is refused like a wrong password, whether that user exists or not.
    if (auth.password === undefined || localUserOf(deps, name) !== userId) throw wrongPassword()
    return checkPassword(deps, { name: userId, password: auth.password, address })
  },
})

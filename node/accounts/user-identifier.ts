import type { UserIdentifier } from '#spec/api/client/interactive-auth.ts'
import { missingParam } from '#spec/errors.ts'
import type { Deps } from '#node/deps.ts'

/** How a request names a user, in the form of today and in that of before r0.4. */
interface Named {
  readonly identifier?: UserIdentifier | undefined
  readonly user?: string | undefined
  readonly medium?: string | undefined
  readonly address?: string | undefined
}

/** The user id or localpart that a request names; empty where it names somebody by what no account here has. Throws M_MISSING_PARAM. */
export async function nameOf(_deps: Deps, { identifier, user, medium, address }: Named): Promise<string> {
  const given = identifier ?? {
    type: user === undefined && medium !== undefined ? 'm.id.thirdparty' : 'm.id.user',
    user,
    medium,
    address,
  }
  if (given.type === 'm.id.user') {
    const name = given.user ?? user
    if (name === undefined) throw missingParam('The user name is missing.')
    return name
  }
  return ''
}

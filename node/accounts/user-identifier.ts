import type { UserIdentifier } from '#spec/api/client/interactive-auth.ts'
import { missingParam } from '#spec/errors.ts'
import type { Deps } from '#node/deps.ts'
import { foldEmail, isEmail } from './mail/email-address.ts'
import { readOwner } from './mail/store.ts'

/** How a request names a user, in the form of today and in that of before r0.4. */
interface Named {
  readonly identifier?: UserIdentifier | undefined
  readonly user?: string | undefined
  readonly medium?: string | undefined
  readonly address?: string | undefined
}

/** The user id or localpart that a request names, or else what it names somebody by who has no account here. Throws M_MISSING_PARAM. */
export async function nameOf(deps: Deps, named: Named): Promise<string> {
  const given = formOfToday(named)
  if (given.type === 'm.id.user') {
    const name = given.user ?? named.user
    if (name === undefined) throw missingParam('The user name is missing.')
    return name
  }
  const email = emailOf(named)
  return email === undefined ? '' : ((await readOwner(deps.sql, email)) ?? email)
}

/** The e-mail address that a request names somebody by, as it is kept. */
export function emailOf(named: Named): string | undefined {
  const { type, medium, address } = formOfToday(named)
  const isOne = type === 'm.id.thirdparty' && medium === 'email' && address !== undefined && isEmail(address)
  return isOne ? foldEmail(address) : undefined
}

const formOfToday = ({ identifier, user, medium, address }: Named): UserIdentifier =>
  identifier ?? {
    type: user === undefined && medium !== undefined ? 'm.id.thirdparty' : 'm.id.user',
    user,
    medium,
    address,
  }

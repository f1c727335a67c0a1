import * as api from '#spec/api/client/admin.ts'
import { deactivateAccount } from '#spec/api/client/account.ts'
import { route, type Route } from '#node/http/route.ts'
import { deactivateOwn } from './deactivate.ts'
import { readRestriction, restrict } from './restrict.ts'
import { whoIs } from './whois.ts'

export const moderationRoutes: readonly Route[] = [
  route(api.getWhoIs, (deps, { identity, params }) => whoIs(deps, identity, params.userId)),
  route(api.getLock, async (deps, { params }) => ({ locked: await readRestriction(deps, params.userId, 'locked') })),
  route(api.setLock, async (deps, { identity, params: { userId }, body: { locked } }) => {
    await restrict(deps, identity.userId, { userId, restriction: 'locked', isOn: locked })
    return { locked }
  }),
  route(api.getSuspension, async (deps, { params }) => ({
    suspended: await readRestriction(deps, params.userId, 'suspended'),
  })),
  route(api.setSuspension, async (deps, { identity, params: { userId }, body: { suspended } }) => {
    await restrict(deps, identity.userId, { userId, restriction: 'suspended', isOn: suspended })
    return { suspended }
  }),
  route(deactivateAccount, async (deps, { identity, body, address }) => {
    await deactivateOwn(deps, identity, body, address)
    // Nothing is bound to an identity server through this server, so there is nothing to unbind.
    return { id_server_unbind_result: 'success' as const }
  }),
]

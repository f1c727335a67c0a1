import * as api from '#spec/api/client/presence.ts'
import { route, type Route } from '#node/http/route.ts'
import { getPresence } from './read-presence.ts'
import { setPresence } from './set-presence.ts'

export const routes: readonly Route[] = [
  route(api.setPresence, async (deps, { identity, params, body }) => {
    const { presence: state, status_msg: statusMsg = null } = body
    await setPresence(deps, identity, params.userId, { state, statusMsg })
    return {}
  }),
  route(api.getPresence, async (deps, { identity, params }) => ({
    ...(await getPresence(deps, identity.userId, params.userId)),
  })),
]

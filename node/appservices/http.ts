import * as api from '#spec/api/client/appservices.ts'
import * as lookup from '#spec/api/client/third-party-lookup.ts'
import { route, type Route } from '#node/http/route.ts'
import { listInNetwork } from './list-in-network.ts'
import { ping } from './ping.ts'
import * as thirdParty from './third-party.ts'

export const routes: readonly Route[] = [
  route(api.pingAppservice, (deps, { identity, params, body }) => ping(deps, identity, params.appserviceId, body)),
  route(api.pingAppserviceUnstable, (deps, { identity, params, body }) =>
    ping(deps, identity, params.appserviceId, body),
  ),
  route(api.setNetworkVisibility, async (deps, { identity, params, body }) => {
    await listInNetwork(deps, identity, params, body.visibility === 'public')
    return {}
  }),
  route(lookup.getProtocols, (deps) => thirdParty.listProtocols(deps)),
  route(lookup.getProtocol, (deps, { params }) => thirdParty.readProtocol(deps, params.protocol)),
  route(lookup.findLocations, (deps, { params, query }) => thirdParty.findLocations(deps, params.protocol, query)),
  route(lookup.findUsers, (deps, { params, query }) => thirdParty.findUsers(deps, params.protocol, query)),
  route(lookup.findLocationsOfAlias, (deps, { query }) => thirdParty.findLocationsOfAlias(deps, query.alias)),
  route(lookup.findUsersOfUser, (deps, { query }) => thirdParty.findUsersOfUser(deps, query.userid)),
]

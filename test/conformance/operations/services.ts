import { client, client1, type Scenario, type Scenarios } from '../stage.ts'

const nothingThere =
  (query: Record<string, string>): Scenario =>
  ({ admin: as }, call) =>
    call(200, { as, query })
const unknownProtocol: Scenario = ({ admin: as }, call) =>
  call('404 M_NOT_FOUND', { as, params: { protocol: 'carrier-pigeon' } })

/** What application services do and are asked for, on a node that has none; with one is shown beside the code. */
export const services: Scenarios = {
  [`GET ${client}/thirdparty/protocols`]: ({ admin: as }, call) => call(200, { as }),
  [`GET ${client}/thirdparty/protocol/{protocol}`]: unknownProtocol,
  [`GET ${client}/thirdparty/location/{protocol}`]: unknownProtocol,
  [`GET ${client}/thirdparty/user/{protocol}`]: unknownProtocol,
  [`GET ${client}/thirdparty/location`]: nothingThere({ alias: '#nowhere:one.test' }),
  [`GET ${client}/thirdparty/user`]: nothingThere({ userid: '@nobody:one.test' }),
  [`POST ${client1}/appservice/{appserviceId}/ping`]: ({ admin: as }, call) =>
    call('403 M_FORBIDDEN', { as, params: { appserviceId: 'bridge' }, body: { transaction_id: 'a' } }),
  [`PUT ${client}/directory/list/appservice/{networkId}/{roomId}`]: async ({ pair }, call) => {
    const { ayse: as, roomId } = await pair()
    await call('403 M_FORBIDDEN', { as, params: { networkId: 'a', roomId }, body: { visibility: 'public' } })
  },
}

import * as z from 'zod/mini'
import { pathText } from '#spec/api/path-text.ts'
import { endpoint } from '#spec/endpoint.ts'
import { roomAlias, userId } from '#spec/ids.ts'

/** A network beyond Matrix, as the application service that bridges to it describes it. */
export const thirdPartyProtocol = z.looseObject({
  user_fields: z.array(z.string()),
  location_fields: z.array(z.string()),
  icon: z.string(),
  field_types: z.record(z.string(), z.looseObject({ regexp: z.string(), placeholder: z.string() })),
  instances: z.array(z.looseObject({ desc: z.string(), fields: z.looseObject({}), network_id: z.string() })),
})

/** A room that leads to a place of a network. */
export const location = z.looseObject({ alias: roomAlias, protocol: z.string(), fields: z.looseObject({}) })
/** Who stands for somebody of a network. */
export const user = z.looseObject({ userid: userId, protocol: z.string(), fields: z.looseObject({}) })
const params = z.object({ protocol: pathText })

/** What is known of the place or person, by the names that the network's fields have. */
const fields = z.looseObject({})

/**
 * GET /_matrix/client/v3/thirdparty/protocols
 *
 * The networks that the application services of this server reach.
 * Source: Client-Server API, "Third-party Lookup".
 */
export const getProtocols = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/thirdparty/protocols',
  auth: 'token',
  limit: 'read',
  response: z.record(z.string(), thirdPartyProtocol),
})

/**
 * GET /_matrix/client/v3/thirdparty/protocol/{protocol}
 *
 * One network. 404: it is not known.
 * Source: Client-Server API, "Third-party Lookup".
 */
export const getProtocol = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/thirdparty/protocol/{protocol}',
  auth: 'token',
  limit: 'read',
  params,
  response: thirdPartyProtocol,
})

/**
 * GET /_matrix/client/v3/thirdparty/location/{protocol}
 *
 * The rooms that lead to a place of a network; none, if its services know none. 404: the network is not known.
 * Source: Client-Server API, "Third-party Lookup".
 */
export const findLocations = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/thirdparty/location/{protocol}',
  auth: 'token',
  limit: 'search',
  params,
  query: fields,
  response: z.array(location),
})

/**
 * GET /_matrix/client/v3/thirdparty/user/{protocol}
 *
 * The users that stand for somebody of a network; none, if its services know none. 404: the network is not known.
 * Source: Client-Server API, "Third-party Lookup".
 */
export const findUsers = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/thirdparty/user/{protocol}',
  auth: 'token',
  limit: 'search',
  params,
  query: fields,
  response: z.array(user),
})

/**
 * GET /_matrix/client/v3/thirdparty/location
 *
 * The places beyond Matrix that an alias leads to.
 * Source: Client-Server API, "Third-party Lookup".
 */
export const findLocationsOfAlias = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/thirdparty/location',
  auth: 'token',
  limit: 'search',
  query: z.looseObject({ alias: roomAlias }),
  response: z.array(location),
})

/**
 * GET /_matrix/client/v3/thirdparty/user
 *
 * Those beyond Matrix whom a user stands for.
 * Source: Client-Server API, "Third-party Lookup".
 */
export const findUsersOfUser = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/thirdparty/user',
  auth: 'token',
  limit: 'search',
  query: z.looseObject({ userid: userId }),
  response: z.array(user),
})

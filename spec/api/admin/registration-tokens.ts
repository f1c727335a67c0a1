import * as z from 'zod/mini'
import { pathText } from '#spec/api/path-text.ts'
import { queryBoolean } from '#spec/api/query.ts'
import { endpoint } from '#spec/endpoint.ts'

const params = z.object({ token: pathText })

/** Null: as often as anybody likes. */
const usesAllowed = z.nullable(z.int().check(z.gte(0), z.lte(2_147_483_647)))
/** In ms since the Unix epoch; null: it does not expire. */
const expiryTime = z.nullable(z.int().check(z.gte(0)))

/** A registration token as its makers see it. The invitations of people are none of these: only their hash is kept. */
export const registrationToken = z.looseObject({
  token: z.string(),
  uses_allowed: z.nullable(z.int()),
  /** Always 0: a use is counted when the account is made, and reserved by nobody before. */
  pending: z.int(),
  completed: z.int(),
  expiry_time: z.nullable(z.int()),
})

/**
 * GET /_synapse/admin/v1/registration_tokens
 *
 * All registration tokens of administrators; with `valid`, those that can still be used, or those that cannot.
 * Source: Synapse admin API, "Registration Tokens".
 */
export const getRegistrationTokens = endpoint({
  method: 'GET',
  path: '/_synapse/admin/v1/registration_tokens',
  auth: 'admin',
  limit: 'read',
  query: z.looseObject({ valid: z.optional(queryBoolean) }),
  response: z.looseObject({ registration_tokens: z.array(registrationToken) }),
})

/**
 * GET /_synapse/admin/v1/registration_tokens/{token}
 *
 * One registration token. 404: there is none of this name.
 * Source: Synapse admin API, "Registration Tokens".
 */
export const getRegistrationToken = endpoint({
  method: 'GET',
  path: '/_synapse/admin/v1/registration_tokens/{token}',
  auth: 'admin',
  limit: 'read',
  params,
  response: registrationToken,
})

/**
 * POST /_synapse/admin/v1/registration_tokens/new
 *
 * Makes a registration token, of the given name or of `length` random characters. It is good where anybody may register or people are invited, and
 * not where registration is closed. 400 M_INVALID_PARAM: the name is taken, or the time has passed.
 * Source: Synapse admin API, "Registration Tokens".
 */
export const createRegistrationToken = endpoint({
  method: 'POST',
  path: '/_synapse/admin/v1/registration_tokens/new',
  auth: 'admin',
  limit: 'write',
  maxBodyBytes: 4_096,
  body: z.looseObject({
    token: z.optional(z.nullable(z.string().check(z.regex(/^[A-Za-z0-9._~-]{1,64}$/)))),
    uses_allowed: z.optional(usesAllowed),
    expiry_time: z.optional(expiryTime),
    length: z.optional(z.int().check(z.gte(1), z.lte(64))),
  }),
  response: registrationToken,
})

/**
 * PUT /_synapse/admin/v1/registration_tokens/{token}
 *
 * Changes how often a token may be used, and until when; what is absent stays. 400 M_INVALID_PARAM: the time has passed. 404: there is none.
 * Source: Synapse admin API, "Registration Tokens".
 */
export const updateRegistrationToken = endpoint({
  method: 'PUT',
  path: '/_synapse/admin/v1/registration_tokens/{token}',
  auth: 'admin',
  limit: 'write',
  maxBodyBytes: 4_096,
  params,
  body: z.looseObject({ uses_allowed: z.optional(usesAllowed), expiry_time: z.optional(expiryTime) }),
  response: registrationToken,
})

/**
 * DELETE /_synapse/admin/v1/registration_tokens/{token}
 *
 * Deletes a registration token; who registered with it stays. 404: there is none.
 * Source: Synapse admin API, "Registration Tokens".
 */
export const deleteRegistrationToken = endpoint({
  method: 'DELETE',
  path: '/_synapse/admin/v1/registration_tokens/{token}',
  auth: 'admin',
  limit: 'write',
  params,
  response: z.looseObject({}),
})

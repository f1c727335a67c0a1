import * as z from 'zod/mini'
import { clientSecret, validationId } from '#spec/api/client/interactive-auth.ts'
import { endpoint } from '#spec/endpoint.ts'

const sendAttempt = z.int().check(z.gte(0))
const nextLink = z.optional(z.string().check(z.maxLength(2_000)))

/** A mail is sent only for a higher `send_attempt` than before. `next_link` is offered on the last page where it leads to this server. */
export const emailRequest = z.looseObject({
  client_secret: clientSecret,
  email: z.string().check(z.maxLength(500)),
  send_attempt: sendAttempt,
  next_link: nextLink,
})
export type EmailRequest = z.output<typeof emailRequest>

const phoneRequest = z.looseObject({
  client_secret: clientSecret,
  country: z.string().check(z.maxLength(10)),
  phone_number: z.string().check(z.maxLength(100)),
  send_attempt: sendAttempt,
  next_link: nextLink,
})

const response = z.looseObject({ sid: validationId, submit_url: z.optional(z.string()) })

/**
 * POST /_matrix/client/v3/register/email/requestToken
 *
 * Sends a mail whose link shows that an address is the caller's, for `m.login.email.identity` in a registration. The answer is the same whether an
 * account has the address or not; the mail tells its owner. 400 M_THREEPID_MEDIUM_NOT_SUPPORTED: the server sends no mail. 400 M_INVALID_PARAM.
 * 403: registration is closed. 429 M_LIMIT_EXCEEDED: ten mails to this address, or by this caller, within 15 minutes.
 * Source: Client-Server API, "Account registration".
 */
export const requestEmailForRegister = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/register/email/requestToken',
  auth: 'none',
  limit: 'login',
  maxBodyBytes: 16_384,
  body: emailRequest,
  response,
})

/**
 * POST /_matrix/client/v3/account/password/email/requestToken
 *
 * The same for a new password, with `m.login.email.identity` in `changePassword`. Errors as with `requestEmailForRegister`, but for 403.
 * Source: Client-Server API, "Password management".
 */
export const requestEmailForPassword = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/account/password/email/requestToken',
  auth: 'none',
  limit: 'login',
  maxBodyBytes: 16_384,
  body: emailRequest,
  response,
})

/**
 * POST /_matrix/client/v3/account/3pid/email/requestToken
 *
 * The same for an address to be added to an account, with `addThirdPartyId`. Errors as with `requestEmailForRegister`, but for 403.
 * Source: Client-Server API, "Adding Account Administrative Contact Information".
 */
export const requestEmailForAccount = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/account/3pid/email/requestToken',
  auth: 'none',
  limit: 'login',
  maxBodyBytes: 16_384,
  body: emailRequest,
  response,
})

/**
 * POST /_matrix/client/v3/register/msisdn/requestToken
 *
 * Always 400 M_THREEPID_MEDIUM_NOT_SUPPORTED: the server sends no text messages.
 * Source: Client-Server API, "Account registration".
 */
export const requestPhoneForRegister = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/register/msisdn/requestToken',
  auth: 'none',
  limit: 'login',
  maxBodyBytes: 16_384,
  body: phoneRequest,
  response,
})

/**
 * POST /_matrix/client/v3/account/password/msisdn/requestToken
 *
 * Always 400 M_THREEPID_MEDIUM_NOT_SUPPORTED: the server sends no text messages.
 * Source: Client-Server API, "Password management".
 */
export const requestPhoneForPassword = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/account/password/msisdn/requestToken',
  auth: 'none',
  limit: 'login',
  maxBodyBytes: 16_384,
  body: phoneRequest,
  response,
})

/**
 * POST /_matrix/client/v3/account/3pid/msisdn/requestToken
 *
 * Always 400 M_THREEPID_MEDIUM_NOT_SUPPORTED: the server sends no text messages.
 * Source: Client-Server API, "Adding Account Administrative Contact Information".
 */
export const requestPhoneForAccount = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/account/3pid/msisdn/requestToken',
  auth: 'none',
  limit: 'login',
  maxBodyBytes: 16_384,
  body: phoneRequest,
  response,
})

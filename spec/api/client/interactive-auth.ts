import * as z from 'zod/mini'

/** What names a client to itself in a validation of an address. Client-Server API, "POST /register/email/requestToken". */
export const clientSecret = z.string().check(z.regex(/^[0-9a-zA-Z.=_-]{1,255}$/))
/** The name of a validation of an address. */
export const validationId = z.string().check(z.regex(/^[0-9a-zA-Z.=_-]{1,255}$/))

/*
 * User-interactive authentication: an endpoint answers 401 with the steps that it wants, and the client sends the same request again with
 * `auth` added, one step at a time. Client-Server API, "User-Interactive Authentication API".
 */

/** How a user is named when logging in. Client-Server API, "Identifier types". */
export const userIdentifier = z.looseObject({
  /** `m.id.user` or `m.id.thirdparty`; others name people by what this server does not know of them. */
  type: z.string(),
  /** With `m.id.user`: a user id, or its localpart. */
  user: z.optional(z.string()),
  /** With `m.id.thirdparty`: `email`. */
  medium: z.optional(z.string()),
  /** With `m.id.thirdparty`: an address of the account. */
  address: z.optional(z.string()),
})

/** One step of the caller. Without `type` it asks where the session stands. Client-Server API, "Authentication Data". */
export const authData = z.looseObject({
  type: z.optional(z.string()),
  session: z.optional(z.string()),
  /** With `m.login.registration_token`. */
  token: z.optional(z.string()),
  /** With `m.login.password`. */
  identifier: z.optional(userIdentifier),
  /** With `m.login.password`, as clients before r0.4 name the user. */
  user: z.optional(z.string()),
  /** With `m.login.password`. */
  password: z.optional(z.string()),
  /** With `m.login.email.identity`: a validation that the caller has begun. */
  threepid_creds: z.optional(z.looseObject({ sid: validationId, client_secret: clientSecret })),
})

/** A document that people agree to, in each language that it exists in. Client-Server API, "Terms of service at registration". */
export const termsPolicy = z.looseObject({ version: z.string() })

/** The body of the 401: what is asked, what is done, and why the last step failed if it did. */
export const authNeeded = z.looseObject({
  flows: z.array(z.looseObject({ stages: z.array(z.string()) })),
  params: z.optional(
    z.looseObject({ 'm.login.terms': z.optional(z.looseObject({ policies: z.record(z.string(), termsPolicy) })) }),
  ),
  session: z.optional(z.string()),
  completed: z.optional(z.array(z.string())),
  errcode: z.optional(z.string()),
  error: z.optional(z.string()),
})

export type UserIdentifier = z.output<typeof userIdentifier>
export type AuthData = z.output<typeof authData>
export type AuthNeededBody = z.output<typeof authNeeded>

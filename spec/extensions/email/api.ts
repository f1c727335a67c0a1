import * as z from 'zod/mini'
import { endpoint } from '#spec/endpoint.ts'

const form = z.string().check(z.regex(/^[A-Za-z0-9_-]{1,100}$/))
const params = z.object({ sid: form, token: form })

/**
 * GET /_hearth/email/{sid}/{token}
 *
 * The page that the link in a mail leads to, for people. Opening it changes nothing: it has a button, which calls `confirmEmail`.
 * Source: README.md beside this file.
 */
export const getEmailPage = endpoint({
  method: 'GET',
  path: '/_hearth/email/{sid}/{token}',
  auth: 'none',
  limit: 'read',
  params,
  response: z.unknown(),
  responseBody: 'bytes',
})

/**
 * POST /_hearth/email/{sid}/{token}
 *
 * The button on that page: the address is its owner's. Answers with a page in every case.
 * Source: README.md beside this file.
 */
export const confirmEmail = endpoint({
  method: 'POST',
  path: '/_hearth/email/{sid}/{token}',
  auth: 'none',
  limit: 'login',
  maxBodyBytes: 16_384,
  params,
  response: z.unknown(),
  responseBody: 'bytes',
})

import { expect } from 'vitest'
import { login } from '#spec/api/client/login.ts'
import { register } from '#spec/api/client/register.ts'
import { identifyToken } from '#node/accounts/identify-token.ts'
import { lowerPasswordCost } from '#node/accounts/password.ts'
import { accounts } from '#node/accounts/slice.ts'
import { devices } from '#node/devices/slice.ts'
import { directory } from '#node/directory/slice.ts'
import { serveSlices, type ServedSlices } from './serve-slices.ts'
import type { TestDatabase } from './postgres.ts'

/** The slices that know people, where anybody may register unless `settings` say otherwise. */
export const servePeople = (settings: Record<string, string> = {}, database?: TestDatabase): Promise<ServedSlices> =>
  serveSlices([accounts, devices, directory], {
    identifyToken,
    prepare: (deps) => lowerPasswordCost(deps),
    settings: { HEARTH_REGISTRATION: 'open', ...settings },
    ...(database && { database }),
  })

export interface Person {
  readonly userId: string
  readonly deviceId: string
  readonly token: string
}

export const goodPassword = 'a cat in the garden'

/** Makes an account where anybody may, with `goodPassword`. */
export async function addPerson(node: ServedSlices, username: string): Promise<Person> {
  const body = { username, password: goodPassword, auth: { type: 'm.login.dummy' } }
  return personOf(await node.call(register, { body }))
}

/** Logs an account of `addPerson` in once more. */
export async function logInAgain(node: ServedSlices, username: string, more: object = {}): Promise<Person> {
  const identifier = { type: 'm.id.user', user: username }
  const body = { type: 'm.login.password', identifier, password: goodPassword, ...more }
  return personOf(await node.call(login, { body }))
}

function personOf(answer: {
  status: number
  body: { user_id?: string | undefined; device_id?: string | undefined; access_token?: string | undefined }
}): Person {
  expect(answer).toMatchObject({ status: 200 })
  const { user_id, device_id, access_token } = answer.body
  return { userId: user_id!, deviceId: device_id!, token: access_token! }
}

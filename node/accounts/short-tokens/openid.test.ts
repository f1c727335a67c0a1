import { afterAll, beforeAll, expect, test } from 'vitest'
import { whoami } from '#spec/api/client/account.ts'
import { requestOpenIdToken } from '#spec/api/client/openid.ts'
import { addPerson, servePeople, type Person } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { openIdTokenLifeMs, userOfOpenIdToken } from './openid.ts'

let node: ServedSlices
let ayse: Person
let mert: Person
beforeAll(async () => {
  node = await servePeople()
  ayse = await addPerson(node, 'ayse')
  mert = await addPerson(node, 'mert')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const ask = (by: Person, userId: string) =>
  node.call(requestOpenIdToken, { token: by.token, params: { userId }, body: {} })

test('the token says who asked for it, for an hour, and is good for nothing else', async () => {
  const { status, body } = await ask(ayse, ayse.userId)
  expect({ status, body }).toMatchObject({
    status: 200,
    body: { token_type: 'Bearer', matrix_server_name: 'localhost', expires_in: 3_600 },
  })
  const token = body.access_token!
  expect(await userOfOpenIdToken(node.deps, token)).toBe(ayse.userId)
  expect(await userOfOpenIdToken(node.deps, `${token}x`)).toBeUndefined()
  expect((await node.call(whoami, { token })).status).toBe(401)
  expect(JSON.stringify(await node.deps.sql`select * from openid_tokens`)).not.toContain(token)
  node.clock.advance(openIdTokenLifeMs)
  expect(await userOfOpenIdToken(node.deps, token)).toBeUndefined()
})

test('nobody gets one for another', async () => {
  expect(await ask(mert, ayse.userId)).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } })
})

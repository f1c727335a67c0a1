import { afterEach, expect, test } from 'vitest'
import { checkRegistrationToken, register } from '#spec/api/client/register.ts'
import { getWelcome, createInvite } from '#spec/extensions/invites/api.ts'
import { addPerson, goodPassword, servePeople } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { setupToken } from './setup.ts'

const nodes: ServedSlices[] = []
afterEach(async () => {
  for (const node of nodes) await node.stop()
  for (const database of new Set(nodes.map((node) => node.database))) await database.drop()
  nodes.length = 0
})

async function start(registration: string, from?: ServedSlices): Promise<ServedSlices> {
  const node = await servePeople({ HEARTH_REGISTRATION: registration }, from?.database)
  nodes.push(node)
  return node
}

const claim = (node: ServedSlices, username: string, token: string) => {
  const auth = { type: 'm.login.registration_token', token }
  return node.call(register, { body: { username, password: goodPassword, auth } })
}
const admins = async (node: ServedSlices) =>
  (await node.deps.sql<{ user_id: string }[]>`select user_id from accounts where is_admin`).map((row) => row.user_id)

test.each(['open', 'invite', 'closed'])(
  'the set-up token makes the administrator where registration is %s',
  async (mode) => {
    const node = await start(mode)
    const token = (await setupToken(node.deps))!
    expect((await node.call(checkRegistrationToken, { query: { token } })).body).toEqual({ valid: true })
    expect((await claim(node, 'owner', token)).status).toBe(200)
    expect(await admins(node)).toEqual(['@owner:localhost'])
    expect(await setupToken(node.deps)).toBeUndefined()
    expect((await node.call(getWelcome)).body).toMatchObject({ claimed: true, registration: mode })
  },
)

test('the token is the same after a restart, and is not kept once it was used', async () => {
  const first = await start('invite')
  const token = (await setupToken(first.deps))!
  const second = await start('invite', first)
  expect(await setupToken(second.deps)).toBe(token)
  await claim(second, 'owner', token)
  const kept = await second.deps.sql`select 1 from registration_tokens where setup_token is not null`
  expect(kept).toHaveLength(0)
})

test('of twenty who claim at once, one becomes the administrator and one account is made', async () => {
  const node = await start('invite')
  const token = (await setupToken(node.deps))!
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => claim(node, `claimer${i}`, token)))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(new Set(answers.map(({ body }) => body.errcode))).toEqual(new Set([undefined, 'M_FORBIDDEN']))
  expect(await node.deps.sql`select 1 from accounts`).toHaveLength(1)
})

test.each(['invite', 'closed'])('until it is claimed, nobody else registers where registration is %s', async (mode) => {
  const node = await start(mode)
  expect((await node.call(getWelcome)).body).toEqual({ server_name: 'localhost', registration: mode, claimed: false })
  const { status, body } = await claim(node, 'stranger', 'a-guess-of-a-token')
  expect({ status, code: body.errcode }).toEqual({ status: 401, code: 'M_FORBIDDEN' })
  expect(body.error).toContain('not set up yet')
  const free = { username: 'stranger', password: goodPassword, auth: { type: 'm.login.dummy' } }
  expect((await node.call(register, { body: free })).status).toBe(401)
  expect(await node.deps.sql`select 1 from accounts`).toHaveLength(0)
})

test('an open node takes people before it is claimed, and can still be claimed after', async () => {
  const node = await start('open')
  await addPerson(node, 'early')
  const token = (await setupToken(node.deps))!
  expect((await claim(node, 'owner', token)).status).toBe(200)
  expect(await admins(node)).toEqual(['@owner:localhost'])
})

test('a set-up link is dead once there is an administrator by another way', async () => {
  const node = await start('open')
  const token = (await setupToken(node.deps))!
  const { userId } = await addPerson(node, 'appointed')
  await node.deps.sql`update accounts set is_admin = true where user_id = ${userId}`
  expect((await node.call(checkRegistrationToken, { query: { token } })).body).toEqual({ valid: false })
  expect((await claim(node, 'second', token)).body.errcode).toBe('M_FORBIDDEN')
  expect(await setupToken(node.deps)).toBeUndefined()
})

test('a claimed node that is closed takes nobody', async () => {
  const node = await start('closed')
  const owner = await claim(node, 'owner', (await setupToken(node.deps))!)
  const { status, body } = await node.call(register, { body: { username: 'late', password: goodPassword } })
  expect({ status, code: body.errcode }).toEqual({ status: 403, code: 'M_FORBIDDEN' })
  expect((await node.call(createInvite, { token: owner.body.access_token, body: {} })).status).toBe(403)
  expect((await node.call(checkRegistrationToken, { query: { token: 'x' } })).status).toBe(403)
})

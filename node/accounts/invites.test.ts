import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkRegistrationToken, register } from '#spec/api/client/register.ts'
import { createInvite, deleteInvite, getInvite, getInvites } from '#spec/extensions/invites/api.ts'
import { goodPassword, servePeople, type Person } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { inviteLifeMs } from './invites.ts'
import { setProfileField } from './profile.ts'
import { setupToken } from './setup.ts'

let node: ServedSlices
let owner: Person
beforeAll(async () => {
  node = await servePeople({ HEARTH_REGISTRATION: 'invite', HEARTH_PUBLIC_URL: 'https://chat.example.org' })
  owner = await join('owner', (await setupToken(node.deps))!)
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const tryJoin = (username: string, token: string) => {
  const auth = { type: 'm.login.registration_token', token }
  return node.call(register, { body: { username, password: goodPassword, auth } })
}
async function join(username: string, inviteToken: string): Promise<Person> {
  const { status, body } = await tryJoin(username, inviteToken)
  expect({ status, body }).toMatchObject({ status: 200 })
  return { userId: body.user_id!, deviceId: body.device_id!, token: body.access_token! }
}
const invite = async (by: Person) => (await node.call(createInvite, { token: by.token, body: {} })).body
const isValid = async (token: string) => (await node.call(checkRegistrationToken, { query: { token } })).body.valid
const preview = (token: string) => node.call(getInvite, { params: { invite: token } })

test('an invitation is a link that one person registers with', async () => {
  const made = await invite(owner)
  expect(made.url).toBe(`https://chat.example.org/invite/${made.token}`)
  expect(made.token).toMatch(/^[A-Za-z0-9._~-]{16,64}$/)
  expect(await isValid(made.token!)).toBe(true)
  const guest = await join('guest', made.token!)
  expect(guest.userId).toBe('@guest:localhost')
  expect(await isValid(made.token!)).toBe(false)
  expect((await tryJoin('second', made.token!)).body).toMatchObject({ errcode: 'M_FORBIDDEN' })
  expect(await node.deps.sql`select 1 from accounts where user_id = '@guest:localhost' and is_admin`).toHaveLength(0)
})

test('of twenty who use one invitation at once, one registers', async () => {
  const { token } = await invite(owner)
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => tryJoin(`crowd${i}`, token!)))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(await node.deps.sql`select 1 from accounts where user_id like '@crowd%'`).toHaveLength(1)
})

test('whoever opens the link learns who invites, without a login', async () => {
  await setProfileField(node.deps, '@owner:localhost' as never, 'displayname', 'Ayşe')
  const { token, expires_at } = await invite(owner)
  expect((await preview(token!)).body).toEqual({
    inviter: { user_id: '@owner:localhost', display_name: 'Ayşe' },
    server_name: 'localhost',
    expires_at,
  })
  expect((await preview('no-such-token')).status).toBe(404)
})

test('an invitation that was withdrawn is gone', async () => {
  const { token, invite_id } = await invite(owner)
  const withdraw = (by: Person) => node.call(deleteInvite, { token: by.token, params: { invite: invite_id! } })
  const other = await join('other', (await invite(owner)).token!)
  expect((await withdraw(other)).status).toBe(404)
  expect((await withdraw(owner)).status).toBe(200)
  expect((await withdraw(owner)).status).toBe(404)
  expect(await isValid(token!)).toBe(false)
  expect((await preview(token!)).status).toBe(404)
})

test('people see their own invitations only, and never a token again', async () => {
  const maker = await join('maker', (await invite(owner)).token!)
  const waiting = await invite(maker)
  const used = await invite(maker)
  await join('invited', used.token!)
  const { body } = await node.call(getInvites, { token: maker.token })
  expect(body.invites).toHaveLength(2)
  expect(body.invites).toContainEqual(
    expect.objectContaining({ invite_id: used.invite_id, used_by: '@invited:localhost' }),
  )
  const one = body.invites!.find((i) => i.invite_id === waiting.invite_id)
  expect(one).toEqual({ invite_id: waiting.invite_id, created_at: expect.any(Number), expires_at: waiting.expires_at })
})

test('the database does not hold the tokens of invitations', async () => {
  const { token } = await invite(owner)
  const rows = await node.deps.sql`select registration_tokens::text as row from registration_tokens`
  expect(rows.some(({ row }) => String(row).includes(token!))).toBe(false)
})

test('a hundred wait at most', async () => {
  const maker = await join('busy', (await invite(owner)).token!)
  for (let i = 0; i < 100; i++) await invite(maker)
  const { status, body } = await node.call(createInvite, { token: maker.token, body: {} })
  expect({ status, code: body.errcode }).toEqual({ status: 403, code: 'M_FORBIDDEN' })
  expect((await node.call(getInvites, { token: maker.token })).body.invites).toHaveLength(100)
})

test('an invitation lasts seven days', async () => {
  const { token, expires_at } = await invite(owner)
  expect(expires_at! - node.clock.now()).toBeGreaterThan(inviteLifeMs - 60_000)
  node.clock.advance(inviteLifeMs + 1)
  expect(await isValid(token!)).toBe(false)
  expect((await preview(token!)).status).toBe(404)
  expect((await tryJoin('too-late', token!)).body.errcode).toBe('M_FORBIDDEN')
})

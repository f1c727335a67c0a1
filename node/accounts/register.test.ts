import { afterAll, beforeAll, expect, test } from 'vitest'
import { whoami } from '#spec/api/client/account.ts'
import { checkUsernameAvailability, register } from '#spec/api/client/register.ts'
import { addPerson, goodPassword, servePeople } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'

let node: ServedSlices
beforeAll(async () => {
  node = await servePeople()
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const dummy = { type: 'm.login.dummy' }
const tryRegister = (body: object, query?: Record<string, string>) =>
  node.call(register, { body, ...(query && { query }) })

test('a request without auth is told the steps, and nothing that looks like an error', async () => {
  const { status, body } = await tryRegister({})
  expect(status).toBe(401)
  expect(body.flows).toEqual([{ stages: ['m.login.dummy'] }, { stages: ['m.login.registration_token'] }])
  expect(body.session).toMatch(/^[A-Za-z0-9_-]{43}$/)
  expect(body).not.toHaveProperty('errcode')
})

test('the two steps of the specification make an account and log it in', async () => {
  const wish = { username: 'ayse', password: goodPassword, device_id: 'PHONE', initial_device_display_name: 'Phone' }
  const { session } = (await tryRegister(wish)).body
  const { status, body } = await tryRegister({ ...wish, auth: { ...dummy, session } })
  expect({ status, body }).toMatchObject({ status: 200, body: { user_id: '@ayse:localhost', device_id: 'PHONE' } })
  expect(body.access_token).toMatch(/^hearth_at_[A-Za-z0-9_-]{43}$/)
  expect(body).not.toHaveProperty('refresh_token')
  const me = await node.call(whoami, { token: body.access_token })
  expect(me.body).toEqual({ user_id: '@ayse:localhost', device_id: 'PHONE', is_guest: false })
})

test('the first account of an open node is nobody special', async () => {
  const [row] = await node.deps.sql`select count(*)::int as admins from accounts where is_admin`
  expect(row).toEqual({ admins: 0 })
})

test('inhibit_login makes an account without a session', async () => {
  const { body } = await tryRegister({ username: 'quiet', password: goodPassword, inhibit_login: true, auth: dummy })
  expect(body).toEqual({ user_id: '@quiet:localhost' })
  expect(await node.deps.sql`select 1 from devices where user_id = '@quiet:localhost'`).toHaveLength(0)
})

test('refresh_token: true gives an access token of an hour and what renews it', async () => {
  const { body } = await tryRegister({ username: 'fresh', password: goodPassword, refresh_token: true, auth: dummy })
  expect(body).toMatchObject({ expires_in_ms: 3_600_000, refresh_token: expect.stringMatching(/^hearth_rt_/) })
})

test('without a user name the server makes one up', async () => {
  const { body } = await tryRegister({ password: goodPassword, auth: dummy })
  expect(body.user_id).toMatch(/^@[a-z2-9]{12}:localhost$/)
})

test('a name in capitals is the same name', async () => {
  await addPerson(node, 'Leyla')
  const { status, body } = await tryRegister({ username: 'LEYLA', password: goodPassword, auth: dummy })
  expect({ status, code: body.errcode }).toEqual({ status: 400, code: 'M_USER_IN_USE' })
})

test.each([
  ['', 'M_INVALID_USERNAME'],
  ['has space', 'M_INVALID_USERNAME'],
  ['аlice', 'M_INVALID_USERNAME'],
  ['İpek', 'M_INVALID_USERNAME'],
  ['a:b', 'M_INVALID_USERNAME'],
  ['@alice:localhost', 'M_INVALID_USERNAME'],
  ['a'.repeat(300), 'M_INVALID_USERNAME'],
  [['alice'], 'M_BAD_JSON'],
  [{}, 'M_BAD_JSON'],
  [17, 'M_BAD_JSON'],
  [null, 'M_BAD_JSON'],
])('a user name that cannot be is refused before any step (%#)', async (username, code) => {
  const { status, body } = await tryRegister({ username, password: goodPassword })
  expect({ status, code: body.errcode }).toEqual({ status: 400, code })
})

test.each([
  ['short', 'M_WEAK_PASSWORD'],
  ['password', 'M_WEAK_PASSWORD'],
  ['Fenerbahçe', 'M_WEAK_PASSWORD'],
  ['aaaaaaaaaaaa', 'M_WEAK_PASSWORD'],
  ['1234567890', 'M_WEAK_PASSWORD'],
  ['87654321', 'M_WEAK_PASSWORD'],
  ['somebody12', 'M_WEAK_PASSWORD'],
  ['x'.repeat(2_000), 'M_INVALID_PARAM'],
  [['a cat in the garden'], 'M_BAD_JSON'],
  [{}, 'M_BAD_JSON'],
  [null, 'M_BAD_JSON'],
  [undefined, 'M_MISSING_PARAM'],
])('a password that cannot be is refused (%#)', async (password, code) => {
  const { status, body } = await tryRegister({ username: 'somebody', password, auth: dummy })
  expect({ status, code: body.errcode }).toEqual({ status: 400, code })
})

test('there are no guests', async () => {
  const { status, body } = await tryRegister({}, { kind: 'guest' })
  expect({ status, code: body.errcode }).toEqual({ status: 403, code: 'M_GUEST_ACCESS_FORBIDDEN' })
  expect((await tryRegister({}, { kind: 'robot' })).body.errcode).toBe('M_INVALID_PARAM')
})

test('of fifty who register one name at once, one gets it', async () => {
  const names = Array.from({ length: 50 }, (_, i) => (i % 2 ? 'wanted' : 'Wanted'))
  const answers = await Promise.all(
    names.map((username) => tryRegister({ username, password: goodPassword, auth: dummy })),
  )
  const codes = answers.map(({ status, body }) => (status === 200 ? body.user_id : body.errcode))
  expect(codes.filter((code) => code === '@wanted:localhost')).toHaveLength(1)
  expect(codes.filter((code) => code === 'M_USER_IN_USE')).toHaveLength(49)
  expect(await node.deps.sql`select 1 from devices where user_id = '@wanted:localhost'`).toHaveLength(1)
})

test('availability is told, and is not a reservation', async () => {
  const ask = (username: string) => node.call(checkUsernameAvailability, { query: { username } })
  expect((await ask('nobody-yet')).body).toEqual({ available: true })
  await addPerson(node, 'nobody-yet')
  expect((await ask('Nobody-Yet')).body.errcode).toBe('M_USER_IN_USE')
  expect((await ask('not allowed')).body.errcode).toBe('M_INVALID_USERNAME')
})

test('with terms, a flow ends with them, and the account remembers which they were', async () => {
  const strict = await servePeople({ HEARTH_TERMS_URL: 'https://example.org/terms' })
  try {
    const wish = { username: 'ayse', password: goodPassword }
    const first = await strict.call(register, { body: { ...wish, auth: dummy } })
    expect(first).toMatchObject({ status: 401, body: { completed: ['m.login.dummy'] } })
    expect(first.body.flows).toContainEqual({ stages: ['m.login.dummy', 'm.login.terms'] })
    expect(first.body.params?.['m.login.terms']?.policies['terms_of_service']).toMatchObject({
      en: { url: 'https://example.org/terms' },
      tr: { url: 'https://example.org/terms' },
    })
    const { session } = first.body
    const second = await strict.call(register, { body: { ...wish, auth: { type: 'm.login.terms', session } } })
    expect(second.status).toBe(200)
    const rows = await strict.deps.sql`select accepted_terms_url from accounts`
    expect(rows).toEqual([{ accepted_terms_url: 'https://example.org/terms' }])
  } finally {
    await strict.stop()
    await strict.database.drop()
  }
})

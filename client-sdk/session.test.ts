import { expect, test } from 'vitest'
import { getJoinedRooms } from '#spec/api/client/rooms.ts'
import type { JsonObject } from '#spec/json.ts'
import { createClient, type Client } from './client.ts'
import { memoryStore } from './store/memory-store.ts'
import { FakePlatform } from './testing/fake-platform.ts'
import { FakeNode, me, refusal } from './testing/fake-node.ts'
import { openClient, startClient } from './testing/start-client.ts'

/** A client of a node that answers what the test says, and what was sent to it. */
async function scripted(
  answers: { status: number; body: JsonObject }[],
): Promise<{ client: Client; bodies: JsonObject[] }> {
  const platform = new FakePlatform()
  const bodies: JsonObject[] = []
  platform.fetch = async (_, init) => {
    bodies.push(JSON.parse(String(init.body ?? '{}')))
    const answer = answers.shift()!
    return Response.json(answer.body, { status: answer.status })
  }
  return { client: await createClient({ baseUrl: 'http://node.test/', store: memoryStore(), platform }), bodies }
}

const granted = { status: 200, body: { user_id: me, device_id: 'PHONE', access_token: 'secret' } }
const asks = (stages: string[][], completed: string[] = [], extra: JsonObject = {}) => ({
  status: 401,
  body: { session: 'uia', flows: stages.map((each) => ({ stages: each })), completed, ...extra },
})

test('registration takes each step that the node asks for', async () => {
  const flow = [['m.login.registration_token', 'm.login.terms', 'm.login.dummy']]
  const { client, bodies } = await scripted([
    asks(flow),
    asks(flow, ['m.login.registration_token']),
    asks(flow, ['m.login.registration_token', 'm.login.terms']),
    granted,
  ])
  const session = await client.register({
    username: 'me',
    password: 'secret',
    registrationToken: 'invited',
    acceptedTerms: true,
  })
  expect(session).toEqual({ userId: me, deviceId: 'PHONE' })
  expect(client.session.get()).toEqual(session)
  expect(bodies.map((body) => body['auth'])).toEqual([
    undefined,
    { type: 'm.login.registration_token', token: 'invited', session: 'uia' },
    { type: 'm.login.terms', session: 'uia' },
    { type: 'm.login.dummy', session: 'uia' },
  ])
  expect(bodies[3]).toMatchObject({ username: 'me', password: 'secret', refresh_token: true })
})

test('of several flows, one that can be gone to its end is taken', async () => {
  const { client, bodies } = await scripted([asks([['m.login.email.identity'], ['m.login.dummy']]), granted])
  await client.register({ username: 'me', password: 'secret' })
  expect(bodies[1]?.['auth']).toEqual({ type: 'm.login.dummy', session: 'uia' })
})

test('a step that is refused, and one that cannot be taken, end it with the word of the node', async () => {
  const flow = [['m.login.registration_token']]
  const wrong = await scripted([asks(flow), asks(flow, [], { errcode: 'M_UNAUTHORIZED', error: 'Token used up' })])
  await expect(
    wrong.client.register({ username: 'me', password: 'secret', registrationToken: 'old' }),
  ).rejects.toMatchObject({
    code: 'M_UNAUTHORIZED',
    message: 'Token used up',
  })
  const none = await scripted([asks(flow)])
  await expect(none.client.register({ username: 'me', password: 'secret' })).rejects.toMatchObject({ status: 401 })
  expect(none.client.session.get()).toBeUndefined()
  expect(none.client.status.get()).toBe('signed-out')
})

test('a form for registration can know what to ask', async () => {
  const terms = {
    policies: {
      rules: {
        version: '2',
        en: { name: 'Rules', url: 'https://x/en' },
        tr: { name: 'Kurallar', url: 'https://x/tr' },
      },
    },
  }
  const asking = await scripted([
    asks([['m.login.registration_token', 'm.login.terms']], [], { params: { 'm.login.terms': terms } }),
  ])
  expect(await asking.client.registrationNeeds()).toEqual({
    open: true,
    needsToken: true,
    terms: [
      {
        id: 'rules',
        version: '2',
        names: { en: { name: 'Rules', url: 'https://x/en' }, tr: { name: 'Kurallar', url: 'https://x/tr' } },
      },
    ],
  })
  const closed = await scripted([refusal(403, 'M_FORBIDDEN')])
  expect(await closed.client.registrationNeeds()).toEqual({ open: false, needsToken: false, terms: [] })
})

test('whether a name is free, taken, or impossible', async () => {
  const { client } = await scripted([
    { status: 200, body: { available: true } },
    refusal(400, 'M_USER_IN_USE'),
    refusal(400, 'M_INVALID_USERNAME'),
  ])
  expect(await client.isUsernameAvailable('free')).toBe(true)
  expect(await client.isUsernameAvailable('taken')).toBe(false)
  await expect(client.isUsernameAvailable('Ö')).rejects.toMatchObject({ code: 'M_INVALID_USERNAME' })
})

test('the session is there again after a reload, before anything goes to the network', async () => {
  const { node, client, store } = await startClient()
  await client.close()
  node.requests.length = 0
  const again = await openClient(node, store)
  expect(again.client.session.get()).toEqual({ userId: me, deviceId: 'PHONE' })
  expect(again.client.rooms.get()).toHaveLength(1)
  expect(again.client.status.get()).toBe('connecting')
  expect(node.requests).toEqual([])
})

async function withRefreshToken(expiresInMs: number) {
  const started = await startClient()
  started.client.stop()
  const session = (await started.store.load()).session!
  const expiresAt = started.node.platform.now() + expiresInMs
  await started.store.write({ session: { ...session, refreshToken: 'r1', expiresAt } })
  started.node.requests.length = 0
  return { ...started, ...(await openClient(started.node, started.store)) }
}
const refreshes = (node: FakeNode): number => node.requests.filter((request) => request.includes('/refresh')).length

test('a token near its end is renewed before it is used, once for all who wait', async () => {
  const { node, client, store } = await withRefreshToken(20_000)
  node.renewToken()
  await Promise.all([1, 2, 3].map(() => client.call(getJoinedRooms, {})))
  expect(refreshes(node)).toBe(1)
  expect((await store.load()).session).toMatchObject({ accessToken: node.token, refreshToken: 'again' })
})

test('a token that the node has forgotten is renewed, and the call made again', async () => {
  const { node, client } = await withRefreshToken(3_600_000)
  node.renewToken()
  await Promise.all([1, 2, 3].map(() => client.call(getJoinedRooms, {})))
  expect(refreshes(node)).toBe(1)
  expect(client.status.get()).toBe('connecting')
})

test('a refused refresh ends the session; one that finds no answer does not', async () => {
  const { node, client } = await withRefreshToken(0)
  node.fail('/refresh', 'lost')
  await expect(client.call(getJoinedRooms, {})).rejects.toMatchObject({ kind: 'network' })
  expect(client.status.get()).toBe('connecting')
  node.fail('/refresh', refusal(401, 'M_UNKNOWN_TOKEN'))
  await expect(client.call(getJoinedRooms, {})).rejects.toMatchObject({ kind: 'signed-out' })
  expect(client.status.get()).toBe('signed-out')
  expect(client.session.get()?.userId).toBe(me)
  await expect(client.call(getJoinedRooms, {})).rejects.toMatchObject({ kind: 'signed-out' })
})

test('a token that another tab has renewed is taken over', async () => {
  const { node, client, store } = await withRefreshToken(0)
  node.renewToken()
  await store.write({ session: { ...(await store.load()).session!, accessToken: node.token, expiresAt: undefined } })
  await client.call(getJoinedRooms, {})
  expect(refreshes(node)).toBe(0)
})

test('the same person goes on with what is stored, another one begins anew', async () => {
  const { node, client, store } = await startClient()
  client.stop()
  await client.login({ username: 'me', password: 'secret' })
  expect(client.rooms.get()).toHaveLength(1)
  const { session } = await store.load()
  await store.write({ session: { ...session!, userId: '@other:test' as typeof me } })
  const again = await openClient(node, store)
  await again.client.login({ username: 'me', password: 'secret' })
  expect(again.client.rooms.get()).toEqual([])
  expect((await store.load()).token).toBeUndefined()
})

test('logout forgets everything here even if the node cannot be told', async () => {
  const { node, client, store } = await startClient()
  node.isDown = true
  await client.logout()
  expect((await store.load()).session).toBeUndefined()
  expect(client.session.get()).toBeUndefined()
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { changePassword, deactivateAccount } from '#spec/api/client/account.ts'
import { deleteDevice } from '#spec/api/client/devices.ts'
import { login, logout, logoutAll, refresh } from '#spec/api/client/login.ts'
import { getRoomEvents } from '#spec/api/client/room-previews.ts'
import { sync } from '#spec/api/client/sync.ts'
import { restrict } from '#node/accounts/moderation/restrict.ts'
import type { UserId } from '#spec/ids.ts'
import { goodPassword, logInAgain, type Person } from '#test/people.ts'
import type { Answer, ServedSlices } from '#test/serve-slices.ts'
import { addTalker, serveTalk, Talker } from './testing/talk.ts'

let node: ServedSlices
beforeAll(async () => {
  node = await serveTalk()
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const auth = (user: string) => ({
  type: 'm.login.password',
  identifier: { type: 'm.id.user', user },
  password: goodPassword,
})

interface Household {
  readonly name: string
  /** Waits for news while the other acts. */
  readonly waiting: Talker
  readonly acting: Person
}

let count = 0
async function settle(): Promise<Household> {
  const name = `person${++count}`
  const waiting = await addTalker(node, name)
  return { name, waiting, acting: await logInAgain(node, name) }
}

const ends: readonly (readonly [string, (of: Household) => Promise<unknown>, string])[] = [
  ['a logout', ({ waiting }) => waiting.do(logout, { body: {} }), '401 M_UNKNOWN_TOKEN'],
  ['a logout of all', ({ acting }) => node.call(logoutAll, { token: acting.token, body: {} }), '401 M_UNKNOWN_TOKEN'],
  [
    'a change of the password',
    ({ name, acting }) =>
      node.call(changePassword, {
        token: acting.token,
        body: { new_password: 'a dog in the garden', auth: auth(name) },
      }),
    '401 M_UNKNOWN_TOKEN',
  ],
  [
    'the deletion of the device',
    ({ name, waiting, acting }) =>
      node.call(deleteDevice, {
        token: acting.token,
        params: { deviceId: waiting.person.deviceId },
        body: { auth: auth(name) },
      }),
    '401 M_UNKNOWN_TOKEN',
  ],
  [
    'a lock',
    ({ waiting }) =>
      restrict(node.deps, '@admin:localhost' as UserId, {
        userId: waiting.id as UserId,
        restriction: 'locked',
        isOn: true,
      }),
    '401 M_USER_LOCKED',
  ],
  [
    'the end of the account',
    ({ name, acting }) => node.call(deactivateAccount, { token: acting.token, body: { auth: auth(name) } }),
    '401 M_UNKNOWN_TOKEN',
  ],
]

const outcome = ({ status, body }: Answer) => `${status} ${String(body['errcode'])}`
/** A time that nothing else waits for. */
const timeout = '43210'
/** Those who wait have read, and sleep. */
const asleep = (number: number) =>
  expect.poll(() => node.clock.countTimers(33_210, 43_210), { timeout: 15_000 }).toBe(number)

test.each(ends)('%s ends what waits, at once', async (_, act, expected) => {
  const house = await settle()
  const { waiting } = house
  const roomId = await waiting.createRoom()
  const since = (await waiting.sync()).next_batch
  const poll = waiting.tryTo(sync, { query: { since, timeout } })
  const listen = waiting.tryTo(getRoomEvents, { query: { room_id: roomId, timeout } })
  await asleep(2)
  await act(house)
  expect([outcome(await poll), outcome(await listen)]).toEqual([expected, expected])
})

test('whoever was logged out while their call was being read does not wait', async () => {
  const { waiting } = await settle()
  const since = (await waiting.sync()).next_batch
  const [poll] = await Promise.all([
    waiting.tryTo(sync, { query: { since, timeout, filter: '{"presence":{"types":[]}}' } }),
    waiting.do(logout, { body: {} }),
  ])
  expect(outcome(poll)).toBe('401 M_UNKNOWN_TOKEN')
})

test('whoever renews their tokens is not told that they are logged out', async () => {
  const { name } = await settle()
  const { body } = await node.call(login, { body: { ...auth(name), refresh_token: true } })
  const person = { userId: body.user_id!, deviceId: body.device_id!, token: body.access_token! }
  const waiting = new Talker(node, person)
  const since = (await waiting.sync()).next_batch
  const poll = waiting.tryTo(sync, { query: { since, timeout } })
  await asleep(1)
  const renewed = await node.call(refresh, { body: { refresh_token: body.refresh_token! } })
  const next = new Talker(node, { ...person, token: renewed.body.access_token! })
  await next.sync()
  expect(await poll).toMatchObject({ status: 200, body: { next_batch: expect.any(String) } })
})

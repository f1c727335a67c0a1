import { afterAll, beforeAll, expect, test } from 'vitest'
import { defineFilter, getFilter } from '#spec/api/client/filter.ts'
import { addPerson, servePeople, type Person } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'

let node: ServedSlices
let ayse: Person
beforeAll(async () => {
  node = await servePeople()
  ayse = await addPerson(node, 'ayse')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const define = (body: unknown, userId = ayse.userId) =>
  node.call(defineFilter, { token: ayse.token, params: { userId }, body })
const get = (filterId: string, userId = ayse.userId) =>
  node.call(getFilter, { token: ayse.token, params: { userId, filterId } })

const filter = {
  room: { timeline: { limit: 10, types: ['m.room.message'] }, state: { lazy_load_members: true } },
  'x.own': 1,
}

test('a filter is stored and read again, with what the server does not know', async () => {
  const { filter_id } = (await define(filter)).body
  expect(filter_id).toMatch(/^[A-Za-z0-9_-]{22}$/)
  expect((await get(filter_id!)).body).toEqual(filter)
})

test('the same filter has the same id, whatever the order of its keys', async () => {
  const { room, ...rest } = filter
  const ids = [await define(filter), await define({ ...rest, room })].map(({ body }) => body.filter_id)
  expect(ids[0]).toBe(ids[1])
  expect(await node.deps.sql`select 1 from filters where user_id = ${ayse.userId}`).toHaveLength(1)
})

test('there is no filter that nobody stored', async () => {
  expect(await get('nothing')).toMatchObject({ status: 404, body: { errcode: 'M_NOT_FOUND' } })
})

test("another user's filters are out of reach", async () => {
  const { userId } = await addPerson(node, 'baris')
  expect((await define(filter, userId)).status).toBe(403)
  expect((await get('x', userId)).status).toBe(403)
})

test.each([
  [{ room: [] }],
  [{ room: { timeline: { limit: -1 } } }],
  [{ event_format: 'xml' }],
  [{ room: { rooms: ['x'] } }],
])('the filter %j is refused', async (body) => {
  expect((await define(body)).body.errcode).toBe('M_BAD_JSON')
})

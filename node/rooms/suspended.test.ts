import { afterAll, beforeAll, expect, test } from 'vitest'
import { deactivateAccount } from '#spec/api/client/account.ts'
import { setSuspension } from '#spec/api/client/admin.ts'
import { goodPassword } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { addCaller, refusal, serveRooms, type Caller } from './testing/caller.ts'

let node: ServedSlices
let admin: Caller
let ayse: Caller
let mert: Caller
beforeAll(async () => {
  node = await serveRooms()
  admin = await addCaller(node, 'admin')
  ayse = await addCaller(node, 'ayse')
  mert = await addCaller(node, 'mert')
  await node.deps.sql`update accounts set is_admin = true where user_id = ${admin.id}`
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const suspend = async (whom: Caller, suspended: boolean) =>
  expect((await admin.call(setSuspension, { params: { userId: whom.id }, body: { suspended } })).status).toBe(200)

test('a suspended user reads, leaves, and takes back own words, and shows others nothing new', async () => {
  const room = await ayse.createRoom({ preset: 'public_chat' })
  const [inviting, leaving, open] = [
    await mert.createRoom({ invite: [ayse.id] }),
    await ayse.createRoom(),
    await mert.createRoom({ preset: 'public_chat' }),
  ]
  await mert.join(room)
  const own = await ayse.say(room, 'mine')
  const others = await mert.say(room, 'not yours')
  await suspend(ayse, true)

  const refused = [
    await ayse.send(room, 'm.room.message', { msgtype: 'm.text', body: 'x' }),
    await ayse.send(room, 'm.reaction', {}),
    await ayse.send(room, 'm.room.redaction', { redacts: others }),
    await ayse.redact(room, others),
    await ayse.setState(room, 'm.room.topic', { topic: 'x' }),
    await ayse.setState(room, 'm.room.member', { membership: 'join', displayname: 'x' }, ayse.id),
    await ayse.invite(room, admin.id),
    await ayse.kick(room, mert.id),
    await ayse.ban(room, mert.id),
    await ayse.join(inviting),
    await ayse.join(open),
    await ayse.tryToCreate({}),
  ]
  expect(refused.map(refusal)).toEqual(refused.map(() => '403 M_USER_SUSPENDED'))

  expect((await ayse.messages(room)).status).toBe(200)
  expect((await ayse.redact(room, own)).status).toBe(200)
  expect((await ayse.leave(leaving)).status).toBe(200)
  expect((await ayse.leave(inviting)).status).toBe(200)

  await suspend(ayse, false)
  expect((await ayse.join(open)).status).toBe(200)
  await ayse.say(room, 'back')
})

test('whoever ends their account leaves every room, and every invitation', async () => {
  const zeynep = await addCaller(node, 'zeynep')
  const joined = await zeynep.createRoom({ preset: 'public_chat' })
  await mert.join(joined)
  const invited = await mert.createRoom({ invite: [zeynep.id] })
  const banned = await mert.createRoom({ preset: 'public_chat' })
  await zeynep.join(banned)
  await mert.ban(banned, zeynep.id)
  const auth = {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: 'zeynep' },
    password: goodPassword,
  }
  expect((await zeynep.call(deactivateAccount, { body: { auth } })).status).toBe(200)
  const membershipOf = async (room: string) =>
    ((await mert.piece(room, 'm.room.member', zeynep.id)).body as { membership?: string }).membership
  await expect.poll(() => membershipOf(joined)).toBe('leave')
  await expect.poll(() => membershipOf(invited)).toBe('leave')
  expect(await membershipOf(banned)).toBe('ban')
  const content = (await mert.piece(joined, 'm.room.member', zeynep.id)).body
  expect(content).toEqual({ membership: 'leave' })
})

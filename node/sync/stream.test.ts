import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ServedSlices } from '#test/serve-slices.ts'
import { Mirror } from './testing/mirror.ts'
import { StreamClient } from './testing/stream-client.ts'
import { addTalker, bodies, serveTalk, type Talker } from './testing/talk.ts'

let node: ServedSlices
let ali: Talker
let bea: Talker
let roomId: string

beforeAll(async () => {
  node = await serveTalk()
  ali = await addTalker(node, 'ali')
  bea = await addTalker(node, 'bea')
  roomId = await ali.createRoom({ invite: [bea.id], preset: 'private_chat' })
  await bea.join(roomId)
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

test('start is answered at once', async () => {
  const stream = await StreamClient.start(bea)
  const first = await stream.next()
  expect(first.rooms?.join?.[roomId as never]).toBeDefined()
  await ali.send(roomId, 'hello')
  const second = await stream.next()
  console.log(JSON.stringify(second))
  expect(bodies(second.rooms?.join?.[roomId as never])).toEqual(['hello'])
  const viaSync = await bea.sync({ since: first.next_batch, use_state_after: true })
  console.log(JSON.stringify(viaSync))
  expect(viaSync.rooms).toMatchObject({})
  stream.close()
})

test('speed', async () => {
  const streams = await Promise.all(Array.from({ length: 10 }, () => StreamClient.start(bea)))
  for (const s of streams) await s.next()
  const mirror = new Mirror()
  const t = Date.now()
  await Promise.all(
    Array.from({ length: 16 }, async (_, w) => {
      for (let i = 0; i < 60; i++)
        await ali.sendType(roomId, 'm.room.message', { msgtype: 'm.text', body: `x${w}-${i}` }, `t${w}-${i}`)
    }),
  )
  console.log('sent', 960, Date.now() - t, 'ms')
  for (const s of streams) {
    let n = 0
    let frames = 0
    while (n < 960) {
      n += bodies((await s.next()).rooms?.join?.[roomId as never]).length
      frames++
    }
    expect(n).toBe(960)
    if (s === streams[0]) console.log('frames', frames, Date.now() - t)
    s.close()
  }
})

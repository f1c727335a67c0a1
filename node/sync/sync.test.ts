import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ServedSlices } from '#test/serve-slices.ts'
import { addTalker, bodies, serveTalk, type Talker } from './testing/talk.ts'

let node: ServedSlices
let ali: Talker
let bea: Talker

beforeAll(async () => {
  node = await serveTalk()
  ali = await addTalker(node, 'ali')
  bea = await addTalker(node, 'bea')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

test('a first message arrives', async () => {
  const roomId = await ali.createRoom({ preset: 'private_chat', invite: [bea.id], name: 'Home' })
  const invited = await bea.sync()
  console.log(JSON.stringify(invited, null, 1))
  await bea.join(roomId)
  await ali.send(roomId, 'hello')
  const first = await bea.sync({ since: invited.next_batch })
  console.log(JSON.stringify(first, null, 1).slice(0, 6000))
  expect(bodies(first.rooms?.join?.[roomId as never])).toEqual(['hello'])
})

import { expect, test } from 'vitest'
import { kitchen } from '#client-sdk/testing/fake-node.ts'
import { settle } from '#client-sdk/testing/fake-platform.ts'
import { openClient, startClient } from '#client-sdk/testing/start-client.ts'
import { composerModel } from './composer-model.ts'

async function composer() {
  const { node, client, store } = await startClient()
  const room = client.room(kitchen)
  const model = composerModel(room, node.platform)
  return { node, client, store, room, model, text: () => model.store.getState().text }
}

test('what is sent leaves the field at once and reaches the node', async () => {
  const { node, model, text } = await composer()
  model.setText('  The soup is ready ')
  const sent = model.send()
  expect(text()).toBe('')
  expect(await sent).toBe(true)
  await settle()
  expect(node.bodies()).toEqual(['The soup is ready'])
})

test('nothing but blanks is not sent', async () => {
  const { node, model } = await composer()
  model.setText(' \n ')
  expect(await model.send()).toBe(false)
  await settle()
  expect(node.bodies()).toEqual([])
})

test('a draft is kept after a short pause, and is there after a reload', async () => {
  const { node, store, model } = await composer()
  model.setText('Half a tho')
  await node.platform.advance(300)
  const reloaded = await openClient(node, store)
  const next = composerModel(reloaded.client.room(kitchen), node.platform)
  await next.restore()
  expect(next.store.getState().text).toBe('Half a tho')
})

test('leaving the chat keeps the draft without waiting, sending takes it away', async () => {
  const { room, model } = await composer()
  model.setText('Half')
  await model.save()
  expect(await room.draft()).toBe('Half')
  await model.send()
  expect(await room.draft()).toBe('')
})

test('a draft that arrives late does not overwrite what is being typed', async () => {
  const { room, model, text } = await composer()
  await room.setDraft('old')
  const restored = model.restore()
  model.setText('new')
  await restored
  expect(text()).toBe('new')
})

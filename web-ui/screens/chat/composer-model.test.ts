import { expect, test } from 'vitest'
import { kitchen } from '#client-sdk/testing/fake-node.ts'
import { settle } from '#client-sdk/testing/fake-platform.ts'
import { openClient, startClient } from '#client-sdk/testing/start-client.ts'
import { composerModel } from './composer-model.ts'
import type { RescuedDraft } from './rescued-draft.ts'

function memoryDraft(): RescuedDraft {
  let text: string | undefined
  return { get: () => text, set: (words) => void (text = words), drop: () => void (text = undefined) }
}

async function composer() {
  const { node, client, store } = await startClient()
  const room = client.room(kitchen)
  const rescued = memoryDraft()
  const model = composerModel(room, node.platform, rescued)
  return { node, client, store, room, rescued, model, text: () => model.store.getState().text }
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
  const next = composerModel(reloaded.client.room(kitchen), node.platform, memoryDraft())
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

test('a page that goes at once loses nothing, and keeps what it rescued no longer than the store needs', async () => {
  const { node, room, rescued } = await composer()
  const tooSlow = {
    draft: () => room.draft(),
    setDraft: () => new Promise<void>(() => undefined),
    sendText: (text: string) => room.sendText(text),
    setTyping: () => undefined,
  }
  const model = composerModel(tooSlow, node.platform, rescued)
  model.setText('Half a thought and')
  model.putAway()
  expect(rescued.get()).toBe('Half a thought and')

  const next = composerModel(room, node.platform, rescued)
  await next.restore()
  expect(next.store.getState().text).toBe('Half a thought and')
  await node.platform.advance(300)
  expect(await room.draft()).toBe('Half a thought and')
  expect(rescued.get()).toBe(undefined)
})

test('what is written while the store is busy with older words is rescued too', async () => {
  const { room, rescued, model } = await composer()
  model.setText('one')
  const saved = model.save()
  model.setText('one two')
  model.putAway()
  await saved
  expect(rescued.get()).toBe('one two')
  await model.save()
  expect(await room.draft()).toBe('one two')
  expect(rescued.get()).toBe(undefined)
})

test('a draft that arrives late does not overwrite what is being typed', async () => {
  const { room, model, text } = await composer()
  await room.setDraft('old')
  const restored = model.restore()
  model.setText('new')
  await restored
  expect(text()).toBe('new')
})

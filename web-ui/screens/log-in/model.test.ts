import { expect, test } from 'vitest'
import { FakeNode, refusal } from '#client-sdk/testing/fake-node.ts'
import { openClient } from '#client-sdk/testing/start-client.ts'
import { memoryStore } from '#client-sdk/store/memory-store.ts'
import { logInModel } from './model.ts'

async function form() {
  const node = new FakeNode()
  const { client } = await openClient(node, memoryStore())
  const model = logInModel(client)
  return { node, client, model, state: () => model.store.getState() }
}

test('empty fields are named, and the first gets the focus', async () => {
  const { model, state } = await form()
  expect(await model.submit()).toBe('name')
  model.setName('ayse')
  expect(await model.submit()).toBe('password')
  expect(state().problems).toMatchObject({ name: undefined, password: 'empty' })
})

test('a wrong password keeps the name, takes the password and says one thing', async () => {
  const { node, model, state } = await form()
  node.fail('/login', refusal(403, 'M_FORBIDDEN'))
  model.setName('Ayşe')
  model.setPassword('nope')
  expect(await model.submit()).toBe('password')
  expect(state()).toMatchObject({ name: 'Ayşe', password: '', sending: false, problems: { form: 'not-allowed' } })
})

test('too many tries and no answer are told apart', async () => {
  const { node, model, state } = await form()
  node.fail('/login', refusal(429, 'M_LIMIT_EXCEEDED', { retry_after_ms: 1000 }))
  model.setName('ayse')
  model.setPassword('secret words')
  await model.submit()
  expect(state().problems.form).toBe('too-many')
  node.isDown = true
  model.setPassword('secret words')
  await model.submit()
  expect(state()).toMatchObject({ password: 'secret words', problems: { form: 'offline' } })
})

test('a second press while the first is under way does nothing', async () => {
  const { node, client, model } = await form()
  model.setName('ayse')
  model.setPassword('secret words')
  await Promise.all([model.submit(), model.submit()])
  expect(node.requests.filter((request) => request.endsWith('/login'))).toHaveLength(1)
  expect(client.session.get()?.userId).toBe('@me:test')
})

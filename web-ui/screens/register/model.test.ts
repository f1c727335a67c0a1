import { expect, test } from 'vitest'
import { FakeNode, refusal } from '#client-sdk/testing/fake-node.ts'
import { openClient } from '#client-sdk/testing/start-client.ts'
import { memoryStore } from '#client-sdk/store/memory-store.ts'
import type { JsonObject } from '#spec/json.ts'
import { registerModel } from './model.ts'

const terms = {
  policies: { privacy: { version: '1', en: { name: 'House rules', url: 'https://home.example/rules' } } },
}

const asks = (extra: JsonObject = {}) => ({
  status: 401,
  body: { session: 's', flows: [{ stages: ['m.login.registration_token'] }], params: {}, ...extra },
})

async function form(registrationToken: string | undefined = 'token') {
  const node = new FakeNode()
  const { client } = await openClient(node, memoryStore())
  const model = registerModel(client, registrationToken)
  return { node, client, model, state: () => model.store.getState() }
}

test('submitting empty fields names each mistake and the first wrong field, and asks the node nothing', async () => {
  const { node, model, state } = await form()
  expect(await model.submit()).toBe('name')
  expect(state().problems).toMatchObject({ name: 'empty', password: 'empty' })
  expect(node.requests).toEqual([])
})

test('mistakes are found when a field is left, and gone with the next key', async () => {
  const { model, state } = await form()
  model.setName('🏡')
  await model.leaveName()
  expect(state().problems.name).toBe('no-latin')
  model.setName('🏡 Ayşe')
  expect(state().problems.name).toBe(undefined)
  model.setPassword('kısa')
  model.leavePassword()
  expect(state().problems.password).toBe('short')
})

test('fields left empty say nothing before they are submitted', async () => {
  const { model, state } = await form()
  await model.leaveName()
  model.leavePassword()
  expect(state().problems).toEqual({})
})

test('a taken name is found when the field is left, and stops the form', async () => {
  const { node, model, state } = await form()
  node.fail('/register/available', refusal(400, 'M_USER_IN_USE'))
  model.setName('Ayşe')
  await model.leaveName()
  expect(state().problems.name).toBe('taken')
  model.setPassword('mavi kapı yedi')
  expect(await model.submit()).toBe('name')
  expect(node.requests).toEqual(['GET /_matrix/client/v3/register/available'])
})

test('the answer for a name that has been changed since says nothing of the new one', async () => {
  const { node, model, state } = await form()
  node.fail('/register/available', refusal(400, 'M_USER_IN_USE'))
  model.setName('ayse')
  const asked = model.leaveName()
  model.setName('ayse.yilmaz')
  await asked
  expect(state().problems.name).toBe(undefined)
})

test('an own name becomes the log-in name, and is kept as the one that others see', async () => {
  const { node, client, model } = await form()
  node.fail('/register', asks())
  node.fail('/register', asks())
  model.setName(' Ayşe Yılmaz ')
  model.setPassword('mavi kapı yedi')
  expect(await model.submit()).toBe(undefined)
  expect(client.session.get()?.userId).toBe('@me:test')
  expect(node.requests.at(-1)).toContain('displayname')
})

test('terms have to be accepted where the node has them', async () => {
  const { node, model, state } = await form()
  node.fail('/register', asks({ params: { 'm.login.terms': terms } }))
  await model.askNeeds()
  model.setName('ayse')
  model.setPassword('mavi kapı yedi')
  expect(await model.submit()).toBe('terms')
  model.setAgreed(true)
  expect(state().problems.terms).toBe(undefined)
  expect(await model.submit()).toBe(undefined)
})

test('a refusal keeps the name, takes the password, and says which link is used up', async () => {
  const { node, model, state } = await form()
  node.fail('/register', asks())
  await model.askNeeds()
  node.fail('/register', refusal(403, 'M_FORBIDDEN'))
  model.setName('ayse')
  model.setPassword('mavi kapı yedi')
  await model.submit()
  expect(state()).toMatchObject({ name: 'ayse', password: '', sending: false, problems: { form: 'link-used' } })
})

test('a node that does not answer refused nothing: the password stays', async () => {
  const { node, model, state } = await form()
  node.isDown = true
  model.setName('ayse')
  model.setPassword('mavi kapı yedi')
  await model.submit()
  expect(state()).toMatchObject({ password: 'mavi kapı yedi', problems: { form: 'offline' } })
})

test('a password that the node finds too easy is said at the password', async () => {
  const { node, model, state } = await form()
  node.fail('/register', asks())
  await model.askNeeds()
  node.fail('/register', refusal(400, 'M_WEAK_PASSWORD'))
  model.setName('ayse')
  model.setPassword('password123')
  expect(await model.submit()).toBe('password')
  expect(state().problems).toMatchObject({ password: 'refused', form: undefined })
})

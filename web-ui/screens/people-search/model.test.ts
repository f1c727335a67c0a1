import { expect, test } from 'vitest'
import { kitchen, refusal } from '#client-sdk/testing/fake-node.ts'
import { settle } from '#client-sdk/testing/fake-platform.ts'
import { startClient } from '#client-sdk/testing/start-client.ts'
import { peopleSearchModel } from './model.ts'

const found = (...people: [string, string][]) => ({
  status: 200,
  body: { limited: false, results: people.map(([user_id, display_name]) => ({ user_id, display_name })) },
})

async function search() {
  const { node, client } = await startClient()
  await client.setAccountData('m.direct', { '@bob:test': [kitchen] })
  const model = peopleSearchModel(client, node.platform)
  return {
    node,
    model,
    state: () => model.store.getState(),
    names: () => model.store.getState().found.map((one) => one.userId),
  }
}

test('before anything is asked, those one writes with are there', async () => {
  const { model, names } = await search()
  model.setQuery('')
  expect(names()).toEqual(['@bob:test'])
})

test('the directory is asked once, after a pause, and oneself is left out', async () => {
  const { node, model, state, names } = await search()
  node.fail('/user_directory', found(['@eve:test', 'Eve'], ['@me:test', 'Me']))
  model.setQuery('e')
  model.setQuery('ev')
  expect(state().searching).toBe(true)
  await node.platform.advance(250)
  expect(names()).toEqual(['@eve:test'])
  expect(node.requests.filter((request) => request.includes('user_directory'))).toHaveLength(1)
})

test('somebody known and found stands there once', async () => {
  const { node, model, names } = await search()
  node.fail('/user_directory', found(['@bob:test', 'Bob']))
  model.setQuery('bo')
  await node.platform.advance(250)
  expect(names()).toEqual(['@bob:test'])
})

test('an answer that comes after the question has changed is dropped', async () => {
  const { node, model, names } = await search()
  node.fail('/user_directory', found(['@eve:test', 'Eve']))
  model.setQuery('ev')
  const asked = node.platform.advance(250)
  model.setQuery('')
  await asked
  await settle()
  expect(names()).toEqual(['@bob:test'])
})

test('why nobody could be asked is said', async () => {
  const { node, model, state } = await search()
  node.fail('/user_directory', refusal(429, 'M_LIMIT_EXCEEDED'))
  model.setQuery('ev')
  await node.platform.advance(250)
  expect(state()).toMatchObject({ problem: 'too-many', searching: false })
})

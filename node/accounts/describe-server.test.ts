import { afterAll, beforeAll, expect, test } from 'vitest'
import { getCapabilities } from '#spec/api/client/capabilities.ts'
import { getVersions } from '#spec/api/client/versions.ts'
import { getClientWellKnown } from '#spec/api/client/wellknown.ts'
import { addPerson, servePeople } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'

let node: ServedSlices
beforeAll(async () => {
  node = await servePeople({ HEARTH_PUBLIC_URL: 'https://chat.example.org' })
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

test('versions are told to anybody, whatever token they send', async () => {
  for (const token of [undefined, 'no such token']) {
    const { status, body } = await node.call(getVersions, { token })
    expect(status).toBe(200)
    expect(body.versions).toContain('v1.1')
    expect(body.versions).toContain('v1.11')
    expect(Object.values(body.unstable_features!).every((value) => value === true)).toBe(true)
  }
})

test('clients find the server by its name', async () => {
  const { body, headers } = await node.call(getClientWellKnown)
  expect(body).toEqual({ 'm.homeserver': { base_url: 'https://chat.example.org' } })
  expect(headers.get('access-control-allow-origin')).toBe('*')
})

test('capabilities are told to whoever is logged in', async () => {
  expect((await node.call(getCapabilities)).body.errcode).toBe('M_MISSING_TOKEN')
  const { token } = await addPerson(node, 'ayse')
  const { capabilities } = (await node.call(getCapabilities, { token })).body
  expect(capabilities!['m.room_versions']).toMatchObject({ default: '12', available: { '12': 'stable' } })
  expect(capabilities).toMatchObject({ 'm.change_password': { enabled: true }, 'm.3pid_changes': { enabled: false } })
})

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { uploadKeys } from '#spec/api/client/keys.ts'
import { setPusher } from '#spec/api/client/pushers.ts'
import { setRoomAlias } from '#spec/api/client/room-directory.ts'
import { joinRoom } from '#spec/api/client/rooms.ts'
import { sendToDevice } from '#spec/api/client/to-device.ts'
import type { Endpoint } from '#spec/endpoint.ts'
import { addTalker, serveTalk, type Talker } from '#node/sync/testing/talk.ts'
import { checksums } from '#test/checksums.ts'
import type { Answer, CallInput, ServedSlices } from '#test/serve-slices.ts'

/*
 * What an application service has to itself, and what it cannot do without a device.
 */

const registration = JSON.stringify({
  id: 'irc',
  url: null,
  as_token: 'the-as-token-of-irc',
  hs_token: 'the-hs-token-of-irc',
  sender_localpart: '_irc_bot',
  rate_limited: false,
  namespaces: { aliases: [{ exclusive: true, regex: '#_irc_.*:localhost' }] },
})

let folder: string
let node: ServedSlices
let ali: Talker
let roomId: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hearth-appservice-'))
  const file = join(folder, 'irc.json')
  await writeFile(file, registration)
  node = await serveTalk(undefined, { HEARTH_APPSERVICES: file })
  ali = await addTalker(node, 'ali')
  roomId = await ali.createRoom({ preset: 'public_chat' })
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
  await rm(folder, { recursive: true })
})

const asService = (endpoint: Endpoint, input: CallInput) =>
  node.call(endpoint, { token: 'the-as-token-of-irc', ...input })
const outcome = ({ status, body }: Answer) => `${status} ${String(body['errcode'])}`

test('an alias of its namespace is set by nobody else', async () => {
  const alias = { params: { roomAlias: '#_irc_cats:localhost' }, body: { room_id: roomId } }
  expect(outcome(await ali.tryTo(setRoomAlias, alias))).toBe('400 M_EXCLUSIVE')
  expect((await asService(joinRoom, { params: { roomId }, body: {} })).status).toBe(200)
  expect((await asService(setRoomAlias, alias)).status).toBe(200)
})

test.each<[string, Endpoint, CallInput]>([
  ['publishes no keys', uploadKeys, { body: {} }],
  [
    'sends nothing from device to device',
    sendToDevice,
    { params: { eventType: 'm.dummy', txnId: 'one' }, body: { messages: { '@ali:localhost': { '*': {} } } } },
  ],
  [
    'has no pusher',
    setPusher,
    {
      body: {
        kind: 'http',
        app_id: 'a',
        pushkey: 'b',
        app_display_name: 'A',
        device_display_name: 'B',
        lang: 'en',
        data: { url: 'https://push.example.org/_matrix/push/v1/notify' },
      },
    },
  ],
])('without a device it %s', async (_, endpoint, input) => {
  const before = await checksums(node.database.sql)
  expect(outcome(await asService(endpoint, input))).toBe('400 M_MISSING_PARAM')
  expect(await checksums(node.database.sql)).toEqual(before)
})

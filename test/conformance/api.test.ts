import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deleteDevice, getDevice, getDevices, updateDevice } from '#spec/api/client/devices.ts'
import { endpoints } from '#spec/api/all.ts'
import * as events from '#spec/api/client/events.ts'
import * as rooms from '#spec/api/client/rooms.ts'
import { getAccountData, setAccountData } from '#spec/api/client/account-data.ts'
import { whoami } from '#spec/api/client/account.ts'
import { getCapabilities } from '#spec/api/client/capabilities.ts'
import { defineFilter, getFilter } from '#spec/api/client/filter.ts'
import { getLoginFlows } from '#spec/api/client/login.ts'
import { getProfile, getProfileField, setProfileField } from '#spec/api/client/profile.ts'
import { sendReceipt, setReadMarkers } from '#spec/api/client/receipts.ts'
import { sync } from '#spec/api/client/sync.ts'
import { setTyping } from '#spec/api/client/typing.ts'
import { searchUserDirectory } from '#spec/api/client/user-directory.ts'
import { getVersions } from '#spec/api/client/versions.ts'
import { getClientWellKnown } from '#spec/api/client/wellknown.ts'
import type { Endpoint } from '#spec/endpoint.ts'
import type { DeviceId, EventId, UserId } from '#spec/ids.ts'
import { isJsonObject, type Json, type JsonObject } from '#spec/json.ts'
import { createClient, type Client } from '#client-sdk/client.ts'
import { globalPlatform, type Platform } from '#client-sdk/platform.ts'
import { memoryStore } from '#client-sdk/store/memory-store.ts'
import { goodPassword } from '#test/world-node.ts'
import { world, type World } from '#test/world.ts'
import { breaches } from './json-schema.ts'
import { keyOf, readOfficialApi, type Operation } from './official-api.ts'

/*
 * Our endpoints against the official description of the API, which is not part of this repository: MATRIX_SPEC_DIR names a folder
 * with its client-server.json. Without it these tests are left out, and the run says so.
 */

const folder = process.env['MATRIX_SPEC_DIR']
const official: ReadonlyMap<string, Operation> = folder ? readOfficialApi(folder) : new Map<string, Operation>()

/** The prose has them, the description has not: an empty state key, with and without its slash. */
const inProseOnly = [
  'getStateEventEmptyKey',
  'getStateEventTrailingSlash',
  'sendStateEventEmptyKey',
  'sendStateEventTrailingSlash',
]
/** Names of proposals that clients still use; each stands in the code with its COMPAT tag. */
const unstable = /^(org\.matrix\.|io\.element\.|im\.nheko\.|uk\.)/

/** Described as a call between servers, by mistake: clients call it, with a token or without. */
const misdeclared = new Set(['getRoomSummary takes optional'])

const isOurs = (endpoint: Endpoint): boolean =>
  /^\/_hearth\/|^\/_synapse\/|^\/_matrix\/client\/unstable\//.test(endpoint.path)
const described = Object.entries(endpoints).filter(([name, one]) => !isOurs(one) && !inProseOnly.includes(name))

const fieldsOf = (schema: unknown): string[] => {
  const shape = (schema as { _zod?: { def: { shape?: object } } } | undefined)?._zod?.def.shape
  return Object.keys(shape ?? {})
}

const faults = (check: (endpoint: Endpoint, operation: Operation) => readonly string[]): string[] =>
  described.flatMap(([name, endpoint]) => {
    const operation = official.get(keyOf(endpoint))
    return operation ? check(endpoint, operation).map((fault) => `${name} ${fault}`) : []
  })

describe.skipIf(!folder)('the list of endpoints, where MATRIX_SPEC_DIR names a folder', () => {
  test('has nothing that is not described', () => {
    expect(described.filter(([, endpoint]) => !official.has(keyOf(endpoint))).map(([name]) => name)).toEqual([])
  })

  test('asks for tokens as described', () => {
    // Where a token may be sent, we may also insist on one, or not look at it; where none is asked for, we may look at one that comes.
    const isAsDescribed = (auth: string, described: string) =>
      described === 'optional' || described === auth || (described === 'none' && auth === 'optional')
    const found = faults(({ auth }, operation) =>
      isAsDescribed(auth === 'admin' ? 'token' : auth, operation.auth) ? [] : [`takes ${auth}`],
    )
    expect(found.filter((fault) => !misdeclared.has(fault))).toEqual([])
  })

  test('reads nothing that is not described', () => {
    const found = faults((endpoint, { query, body }) => {
      const read = [...fieldsOf(endpoint.query), ...fieldsOf(endpoint.body)].filter((name) => !unstable.test(name))
      return read.filter((name) => ![...query, ...body].includes(name))
    })
    expect(found).toEqual([])
  })
})

interface Recorded {
  readonly operation: string
  readonly status: number
  readonly body: Json
}

/** The machine as it is, with a list of every answer that came. */
function recording(list: Recorded[]): Platform {
  return {
    ...globalPlatform,
    async fetch(url, init) {
      const response = await globalPlatform.fetch(url, init)
      const body = (await response.clone().json()) as Json
      list.push({ operation: operationAt(init.method ?? 'GET', new URL(url).pathname), status: response.status, body })
      return response
    },
  }
}

/** The operation that a path belongs to; of two that fit, the one with fewer parameters. */
function operationAt(method: string, path: string): string {
  const fitting = [...official.keys()].filter((key) => {
    const pattern = key.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&').replaceAll('{}', '[^/]*')
    return new RegExp(`^${pattern}$`).test(`${method} ${path}`)
  })
  return fitting.toSorted((a, b) => a.split('{}').length - b.split('{}').length)[0] ?? `${method} ${path}`
}

describe.skipIf(!folder)('the answers of an evening, where MATRIX_SPEC_DIR names a folder', () => {
  const recorded: Recorded[] = []
  let home: World
  beforeAll(async () => {
    home = await world()
    await liveThroughAnEvening(home.nodes[0]!.baseUrl, recording(recorded))
  })
  afterAll(() => home.stop())

  test('are many, and described', () => {
    const called = new Set(recorded.map(({ operation }) => operation))
    expect(called.size).toBeGreaterThan(40)
    const bare = [...called].filter((one) => Object.keys(official.get(one)?.responses['200'] ?? {}).length === 0)
    expect(bare).toEqual([])
  })

  test('are looked into', () => {
    const syncs = recorded.filter(({ operation }) => operation === keyOf(sync))
    const schema = official.get(keyOf(sync))!.responses['200']!
    for (const { body } of syncs) expect(breaches(schema, { ...(body as JsonObject), next_batch: 1 })).toHaveLength(1)
    expect(syncs.length).toBeGreaterThan(2)
  })

  test('fit the description', () => {
    const found = recorded.flatMap(({ operation, status, body }) => {
      const schema = official.get(operation)?.responses[String(status)]
      return schema ? breaches(schema, body, `${operation} ${status}`) : []
    })
    expect(found).toEqual([])
  })

  test('carry an errcode where they are errors', () => {
    const bare = recorded.filter(({ status, body }) => status >= 400 && !(isJsonObject(body) && 'errcode' in body))
    // The first 401 of a registration lists its steps.
    expect(bare.filter(({ body }) => !(isJsonObject(body) && 'flows' in body))).toEqual([])
  })
})

async function liveThroughAnEvening(baseUrl: string, platform: Platform): Promise<void> {
  const open = () => createClient({ baseUrl, store: memoryStore(), platform })
  const [ada, ben] = [await open(), await open()]
  for (const endpoint of [getVersions, getClientWellKnown, getLoginFlows]) await ada.call(endpoint, {})
  await ada.isUsernameAvailable('ada')
  await ada.register({ username: 'ada', password: goodPassword })
  await ben.register({ username: 'ben', password: goodPassword })
  const [adaId, benId] = [ada, ben].map((client) => client.session.get()!.userId) as [UserId, UserId]
  await keepAccount(ada, adaId)
  await meet(ada, ben, { adaId, benId })
  const phone = await open()
  await phone.login({ username: 'ada', password: goodPassword, deviceName: 'Phone' })
  const params = { deviceId: phone.session.get()!.deviceId as DeviceId }
  await ada.call(getDevice, { params })
  await ada.call(updateDevice, { params, body: { display_name: 'Old phone' } })
  await ada.call(getDevices, {})
  await ada.call(deleteDevice, { params, body: {} }).catch(expected)
  await phone.logout()
  for (const client of [ada, ben]) await client.logout()
}

/** Refusals are answers too. */
const expected = (): undefined => undefined

async function keepAccount(ada: Client, userId: UserId): Promise<void> {
  await ada.call(whoami, {})
  await ada.call(getCapabilities, {})
  await ada.call(setProfileField, { params: { userId, keyName: 'displayname' }, body: { displayname: 'Ada' } })
  await ada.call(getProfile, { params: { userId } })
  await ada.call(getProfileField, { params: { userId, keyName: 'displayname' } })
  await ada.call(setAccountData, { params: { userId, type: 'm.test' }, body: { is: 'kept' } })
  await ada.call(getAccountData, { params: { userId, type: 'm.test' } })
  await ada.call(getAccountData, { params: { userId, type: 'm.none' } }).catch(expected)
  const { filter_id: filterId } = await ada.call(defineFilter, {
    params: { userId },
    body: { room: { timeline: { limit: 5 } } },
  })
  await ada.call(getFilter, { params: { userId, filterId } })
  await ada.call(searchUserDirectory, { body: { search_term: 'ben' } })
}

async function meet(ada: Client, ben: Client, { adaId, benId }: { adaId: UserId; benId: UserId }): Promise<void> {
  const body = { name: 'Dinner', topic: 'What there is', preset: 'private_chat' as const, invite: [benId] }
  const { room_id: roomId } = await ada.call(rooms.createRoom, { body })
  const params = { roomId }
  await ben.call(sync, { query: {} })
  await ben.call(rooms.joinRoom, { params, body: {} })
  const sent = await ada.call(events.sendEvent, {
    params: { roomId, eventType: 'm.room.message', txnId: '1' },
    body: { msgtype: 'm.text', body: 'The soup is ready' },
  })
  const eventId = sent.event_id as EventId
  await ben.call(setTyping, { params: { roomId, userId: benId }, body: { typing: true, timeout: 10_000 } })
  await ben.call(sendReceipt, { params: { roomId, receiptType: 'm.read', eventId }, body: {} })
  await ben.call(setReadMarkers, { params, body: { 'm.fully_read': eventId } })
  const { next_batch: since } = await ada.call(sync, { query: {} })
  const state = { roomId, eventType: 'm.room.topic', stateKey: '' }
  await ada.call(events.sendStateEvent, { params: state, body: { topic: 'Soup' } })
  await ada.call(events.getStateEvent, { params: state })
  await ada.call(events.getState, { params })
  await ada.call(events.getEvent, { params: { roomId, eventId } })
  await ada.call(events.getContext, { params: { roomId, eventId }, query: {} })
  await ada.call(events.getMessages, { params, query: { dir: 'b' } })
  await ada.call(events.redactEvent, { params: { roomId, eventId, txnId: '2' }, body: { reason: 'cold' } })
  await ben.call(sync, { query: { since } })
  await ada.call(rooms.getMembers, { params, query: {} })
  await ada.call(rooms.getJoinedMembers, { params })
  await ada.call(rooms.getJoinedRooms, {})
  await partWays(ada, ben, { roomId, adaId, benId }, since)
}

async function partWays(
  ada: Client,
  ben: Client,
  { roomId, adaId, benId }: { roomId: Parameters<Client['room']>[0]; adaId: UserId; benId: UserId },
  since: string,
): Promise<void> {
  const params = { roomId }
  await ben.call(rooms.kickUser, { params, body: { user_id: adaId } }).catch(expected)
  await ada.call(rooms.kickUser, { params, body: { user_id: benId } })
  await ada.call(rooms.banUser, { params, body: { user_id: benId } })
  await ben.call(sync, { query: { since } })
  await ben.call(events.getState, { params }).catch(expected)
  await ada.call(rooms.unbanUser, { params, body: { user_id: benId } })
  await ada.call(rooms.inviteUser, { params, body: { user_id: benId } })
  await ben.call(rooms.leaveRoom, { params, body: {} })
  await ben.call(rooms.forgetRoom, { params, body: {} })
  await ben.call(rooms.joinRoomByIdOrAlias, { params: { roomIdOrAlias: roomId }, body: {} }).catch(expected)
}

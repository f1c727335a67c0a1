import { expect, test } from 'vitest'
import { getStateEvent, sendEvent } from '#spec/api/client/events.ts'
import { joinRoomByIdOrAlias, leaveRoom } from '#spec/api/client/rooms.ts'
import { sync } from '#spec/api/client/sync.ts'
import type { EventId, RoomAlias, ServerName } from '#spec/ids.ts'
import { callEndpoint, CallError, pathOf, queryOf } from './call.ts'
import { kitchen } from './testing/fake-node.ts'
import { FakePlatform } from './testing/fake-platform.ts'

const answering = (make: (url: string, init: RequestInit) => Response | Promise<Response>): FakePlatform => {
  const platform = new FakePlatform()
  platform.fetch = async (url, init) => make(url, init)
  return platform
}
const failing = async (call: Promise<unknown>): Promise<CallError> => {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(CallError)
  return error as CallError
}
const leave = (platform: FakePlatform, options = {}) =>
  callEndpoint(platform, 'http://node.test', leaveRoom, { params: { roomId: kitchen }, body: {} }, options)

test('parameters are percent-encoded, an empty one leaves its slash', () => {
  const params = { roomId: kitchen, eventType: 'm.room/ü', stateKey: '' }
  expect(pathOf(getStateEvent, { params })).toBe('/_matrix/client/v3/rooms/!kitchen%3Atest/state/m.room%2F%C3%BC/')
  expect(pathOf(joinRoomByIdOrAlias, { params: { roomIdOrAlias: '#a b?:test' as RoomAlias } })).toBe(
    '/_matrix/client/v3/join/%23a%20b%3F%3Atest',
  )
})

test('a query repeats lists and leaves out what has no value', () => {
  expect(
    queryOf({
      query: { via: ['a' as ServerName, 'b'], since: undefined, timeout: 0, full_state: true, filter: '{"a":1}' },
    }),
  ).toBe('?via=a&via=b&timeout=0&full_state=true&filter=%7B%22a%22%3A1%7D')
  expect(queryOf({})).toBe('')
})

test('method, token and body reach the node; the answer comes back', async () => {
  const platform = answering((url, init) => {
    expect(url).toBe('http://node.test/_matrix/client/v3/rooms/!kitchen%3Atest/send/m.room.message/t1')
    expect(init).toMatchObject({ method: 'PUT', body: '{"body":"hi"}', headers: { authorization: 'Bearer secret' } })
    return Response.json({ event_id: '$1' })
  })
  const params = { roomId: kitchen, eventType: 'm.room.message', txnId: 't1' }
  const answer = await callEndpoint(
    platform,
    'http://node.test',
    sendEvent,
    { params, body: { body: 'hi' } },
    { accessToken: 'secret' },
  )
  const eventId: EventId = answer.event_id
  expect(eventId).toBe('$1')
})

test('a GET has no body', async () => {
  const platform = answering((_, init) => {
    expect(init.body).toBeUndefined()
    return Response.json({ next_batch: 's1' })
  })
  expect(await callEndpoint(platform, 'http://node.test', sync, {})).toEqual({ next_batch: 's1' })
})

test('a refusal has its code, status and fields', async () => {
  const body = { errcode: 'M_FORBIDDEN', error: 'You may not', soft_logout: true }
  const error = await failing(leave(answering(() => Response.json(body, { status: 403 }))))
  expect(error).toMatchObject({
    kind: 'matrix',
    code: 'M_FORBIDDEN',
    status: 403,
    message: 'You may not',
    body,
    isTemporary: false,
  })
})

test('how long to wait: from the header in seconds or as a date, else from the body', async () => {
  const waits = async (headers: Record<string, string>, body = {}): Promise<number | undefined> => {
    const platform = answering(() => Response.json({ errcode: 'M_LIMIT_EXCEEDED', ...body }, { status: 429, headers }))
    const error = await failing(leave(platform))
    expect(error.isTemporary).toBe(true)
    return error.retryAfterMs
  }
  expect(await waits({ 'retry-after': '7' })).toBe(7_000)
  expect(await waits({ 'retry-after': new Date(1_005_000).toUTCString() })).toBe(5_000)
  expect(await waits({}, { retry_after_ms: 300 })).toBe(300)
  expect(await waits({})).toBeUndefined()
})

test('a proxy that answers in HTML: temporary when it says 5xx, never taken for an answer', async () => {
  const page = (status: number) => answering(() => new Response('<html>', { status }))
  expect(await failing(leave(page(502)))).toMatchObject({
    kind: 'matrix',
    code: 'M_UNKNOWN',
    status: 502,
    isTemporary: true,
  })
  expect(await failing(leave(page(200)))).toMatchObject({ kind: 'network', isTemporary: true })
})

test('no answer, no answer in time, and a call given up are three things', async () => {
  const dead = answering(() => Promise.reject(new TypeError('fetch failed')))
  expect(await failing(leave(dead))).toMatchObject({ kind: 'network', isTemporary: true, status: 0 })

  const silent = answering(
    (_, init) =>
      new Promise((_resolve, reject) => init.signal?.addEventListener('abort', () => reject(new Error('aborted')))),
  )
  const late = failing(leave(silent, { timeoutMs: 5_000 }))
  await silent.advance(5_000)
  expect(await late).toMatchObject({ kind: 'network' })

  const controller = new AbortController()
  const given = failing(leave(silent, { signal: controller.signal }))
  controller.abort()
  expect(await given).toMatchObject({ kind: 'aborted', isTemporary: false })
  expect(silent.timers).toBe(0)
})

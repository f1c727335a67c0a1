import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { endpoints } from '#spec/api/all.ts'
import type { Endpoint } from '#spec/endpoint.ts'
import { slices } from '#node/slices.ts'
import { fieldsOf, withValue } from './adversary/bend-schema.ts'
import { told } from '#node/appservices/testing/bridge.ts'
import { callerOf, furnish, targetOf, type House } from './adversary/good-calls.ts'
import { rawCall, refusalOf, sendBytes, type RawAnswer } from './adversary/raw-call.ts'
import { checksums, settled } from './checksums.ts'

let house: House
beforeAll(async () => {
  house = await furnish()
})
afterAll(async () => {
  await house.node.stop()
  await house.node.database.drop()
})

const served = new Set(slices.flatMap((slice) => slice.routes ?? []).map((route) => route.endpoint))
const all = Object.entries(endpoints).filter(([, endpoint]) => served.has(endpoint))
const those = (wanted: (endpoint: Endpoint) => unknown) => all.filter(([, endpoint]) => wanted(endpoint))
const named = (list: typeof all) => list.map(([name, endpoint]) => ({ name, endpoint }))

interface Other {
  readonly params?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** The good call of an endpoint, but for some parameters, or with another body. */
function call(name: string, { params, body = house.calls[name]!.body }: Other = {}): Promise<RawAnswer> {
  const endpoint = endpoints[name]!
  const good = house.calls[name]!
  return rawCall(house.node.address, {
    method: endpoint.method,
    target: targetOf(endpoint, { ...good, params: { ...good.params, ...params } }),
    token: callerOf(house, endpoint).token,
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
}

async function unchanged(work: () => Promise<void>): Promise<void> {
  const { sql } = house.node.database
  // What application services are told of earlier calls is written meanwhile.
  await told(house.node)
  const before = await checksums(sql)
  await work()
  expect(await checksums(sql)).toEqual(before)
}

/** This is about other people; it says the same of anybody. */
const ofOwn = those(({ auth, path }) => auth === 'token' && path.includes('{userId}')).filter(
  ([name]) => name !== 'reportUser',
)

describe.each(named(ofOwn))('$name', ({ name }) => {
  test('is for its own user only, whether the other one exists or not', () =>
    unchanged(async () => {
      const answers: string[] = []
      for (const userId of [house.mert.userId, '@nobody:localhost', '@ayse:elsewhere.example', '@AYSE:localhost']) {
        const answer = await call(name, { params: { userId } })
        expect(refusalOf(answer)).toBe('403 M_FORBIDDEN')
        answers.push(answer.text)
      }
      expect(new Set(answers).size).toBe(1)
    }))
})

const noRoom = `!${'A'.repeat(43)}`
const noEvent = `$${'A'.repeat(43)}`

// What people keep for themselves about a room asks nothing of the room.
const isPrivate = (path: string) => /account_data|\/room_keys\/|\/tags/.test(path)
// Anybody may report any room, and hears the same of all.
const isReport = (path: string) => path.endsWith('/report')

// Administrators may look after any room; that nobody else does is asked elsewhere.
const isOfRoom = ({ auth, path }: Endpoint) =>
  auth !== 'admin' && path.includes('{roomId}') && !isPrivate(path) && !isReport(path)

describe.each(named(those(isOfRoom)))('$name', ({ name }) => {
  test('tells a stranger nothing of a room, not even that it is there', () =>
    unchanged(async () => {
      const ofRoom = (roomId: string, eventId: string) => call(name, { params: { roomId, eventId } })
      const closed = await ofRoom(house.closedRoom, house.closedEvent)
      const [status] = refusalOf(closed).split(' ')
      expect(name === 'forgetRoom' ? ['400'] : ['403', '404']).toContain(status)
      for (const [roomId, eventId] of [
        [noRoom, noEvent],
        ['!old:localhost', '$x'],
        ['!a:elsewhere.example', noEvent],
        [house.closedRoom, noEvent],
      ] as const) {
        const absent = await ofRoom(roomId, eventId)
        expect([absent.status, absent.text]).toEqual([closed.status, closed.text])
      }
    }))
})

test('what one keeps about a room says nothing of the room', async () => {
  const get = (roomId: string) => call('getRoomAccountData', { params: { roomId } })
  expect(refusalOf(await get(house.closedRoom))).toBe('404 M_NOT_FOUND')
  expect((await get(noRoom)).text).toBe((await get(house.closedRoom)).text)
})

describe('the size of an event', () => {
  const send = (params: Record<string, string>, body: unknown) => call('sendEvent', { params, body })
  const sizeOf = async (eventId: unknown) => {
    const [row] = await house.node.database.sql<{ size: number }[]>`
      select octet_length('{"content":' || content || ',' || substring(envelope from 2)) as size from events where event_id = ${eventId as string}`
    return row!.size
  }

  test('is 65,536 bytes of what other servers get, to the byte, and of bytes', async () => {
    const small = await send({ txnId: 'small' }, { body: 'ü' })
    const room = 65_536 - (await sizeOf(small.body['event_id']))
    const full = await send({ txnId: 'full.' }, { body: `ü${'x'.repeat(room)}` })
    expect(full.status).toBe(200)
    // The depth grew by one, and with it, now and then, the number of its digits.
    expect(65_536 - (await sizeOf(full.body['event_id']))).toBeLessThan(2)
    await unchanged(async () => {
      expect(refusalOf(await send({ txnId: 'more' }, { body: `ü${'x'.repeat(room + 2)}` }))).toBe('413 M_TOO_LARGE')
      expect(refusalOf(await send({ txnId: 'wide' }, { body: 'ü'.repeat(room / 2 + 2) }))).toBe('413 M_TOO_LARGE')
      expect(refusalOf(await call('sendStateEvent', { body: { body: 'x'.repeat(65_536) } }))).toBe('413 M_TOO_LARGE')
      expect(refusalOf(await call('createRoom', { body: { topic: 'x'.repeat(65_536) } }))).toBe('413 M_TOO_LARGE')
      expect(refusalOf(await call('leaveRoom', { body: { reason: 'x'.repeat(66_000) } }))).toBe('413 M_TOO_LARGE')
    })
  })

  test('is exact', async () => {
    // Until one fits that is full: the depth of an event is part of it.
    let length = 65_000
    for (let step = 512; step >= 1;) {
      const answer = await send({ txnId: `exact ${length + step}` }, { body: 'x'.repeat(length + step) })
      if (answer.status === 200) {
        length += step
        if ((await sizeOf(answer.body['event_id'])) === 65_536) break
      } else {
        expect(refusalOf(answer)).toBe('413 M_TOO_LARGE')
        step = step / 2
      }
    }
    const last = await house.node.database.sql<{ size: number }[]>`
      select max(octet_length('{"content":' || content || ',' || substring(envelope from 2))) as size from events`
    expect(last[0]!.size).toBe(65_536)
  })

  test.each(['x', 'é', '日', '🌷'])('type and state key have 255 bytes of %s', async (letter) => {
    const width = Buffer.byteLength(letter)
    const full = letter.repeat(Math.floor(255 / width)) + 'x'.repeat(255 % width)
    expect(Buffer.byteLength(full)).toBe(255)
    const eventType = full
    expect((await send({ eventType, txnId: letter }, {})).status).toBe(200)
    expect((await call('sendStateEvent', { params: { eventType, stateKey: full }, body: {} })).status).toBe(200)
    await unchanged(async () => {
      for (const params of [{ eventType: `${full}x` }, { eventType: `${full}${letter}` }])
        expect(refusalOf(await send({ ...params, txnId: `too long ${letter}` }, {}))).toBe('413 M_TOO_LARGE')
      const keys = { eventType: 'org.example.a', stateKey: `${full}x` }
      expect(refusalOf(await call('sendStateEvent', { params: keys, body: {} }))).toBe('413 M_TOO_LARGE')
    })
  })

  test('its content is nested ninety levels deep at most', async () => {
    const nested = (levels: number) => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`
    expect((await send({ txnId: 'deep' }, nested(90))).status).toBe(200)
    await unchanged(async () => {
      expect(refusalOf(await send({ txnId: 'deeper' }, nested(91)))).toBe('400 M_BAD_JSON')
      expect(refusalOf(await send({ txnId: 'deepest' }, nested(32_000)))).toBe('400 M_BAD_JSON')
    })
  })
})

describe('names that objects have by nature', () => {
  const content =
    '{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}},"hasOwnProperty":1,"toString":"x"}'
  const isClean = () => expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()

  test('are kept in what people write, and pollute nothing', async () => {
    const { body } = await call('sendEvent', { params: { txnId: 'proto' }, body: content })
    isClean()
    const event = await call('getEvent', { params: { eventId: body['event_id'] as string } })
    expect(event.text).toContain(JSON.stringify(JSON.parse(content)).slice(1, 40))
    expect(Object.keys(event.body['content'] as object).toSorted()).toEqual([
      '__proto__',
      'constructor',
      'hasOwnProperty',
      'toString',
    ])
    for (const name of ['setAccountData', 'setRoomAccountData', 'sendStateEvent']) {
      expect((await call(name, { body: content })).status).toBe(200)
      isClean()
    }
    for (const name of ['getAccountData', 'getRoomAccountData', 'getStateEvent'])
      expect(Object.hasOwn((await call(name)).body, '__proto__')).toBe(true)
    for (const name of ['getMessages', 'sync'])
      expect((await call(name)).text).toContain('"__proto__":{"polluted":"yes"}')
    isClean()
  })

  test('do no harm where something is read from them', async () => {
    const room = `{"creation_content":${content},"power_level_content_override":${content},"initial_state":[{"type":"__proto__","content":${content}}]}`
    const made = await call('createRoom', { body: room })
    expect(made.status).toBe(200)
    const state = await call('getState', { params: { roomId: made.body['room_id'] as string } })
    expect((JSON.parse(state.text) as { type: string }[]).map((event) => event.type)).toContain('__proto__')
    for (const name of ['defineFilter', 'joinRoomByIdOrAlias', 'setReadMarkers', 'searchUserDirectory', 'updateDevice'])
      expect(
        (
          await call(name, {
            body: `${JSON.stringify(house.calls[name]!.body).slice(0, -1)},"__proto__":{"polluted":"yes"}}`.replace(
              '{,',
              '{',
            ),
          })
        ).status,
      ).toBe(200)
    for (const keyName of ['__proto__', 'constructor', 'toString']) {
      const answer = await call('setProfileField', { params: { keyName }, body: `{"${keyName}":{"polluted":"yes"}}` })
      expect(['400 M_INVALID_PARAM', '400 M_MISSING_PARAM']).toContain(refusalOf(answer))
    }
    isClean()
  })
})

describe('a call without a body', () => {
  const bare = (name: string) =>
    rawCall(house.node.address, {
      method: endpoints[name]!.method,
      target: targetOf(endpoints[name]!, house.calls[name]!),
      token: house.ayse.token,
    })
  test.each([
    'joinRoom',
    'joinRoomByIdOrAlias',
    'createRoom',
    'setReadMarkers',
    'sendReceipt',
    'createInvite',
    'sendStateEventEmptyKey',
  ])('of %s is one with an empty body', async (name) => {
    expect((await bare(name)).status).toBe(200)
  })

  test('may call itself anything', async () => {
    for (const type of ['text/plain', 'multipart/form-data; boundary=x', 'application/xml', '']) {
      const answer = await rawCall(house.node.address, {
        method: 'POST',
        target: targetOf(endpoints['joinRoom']!, house.calls['joinRoom']!),
        token: house.ayse.token,
        headers: { 'content-type': type },
        body: '{}',
      })
      expect(answer.status).toBe(200)
    }
  })
})

describe('below the API', () => {
  const get = (target: string, host = 'Host: localhost\r\n') =>
    `GET ${target} HTTP/1.1\r\n${host}Connection: close\r\n\r\n`
  const statusOf = async (bytes: string | Uint8Array) =>
    /^HTTP\/1\.1 (\d{3})/.exec(await sendBytes(house.node.address, bytes))?.[1]

  test('whole addresses, strange hosts and old clients are served or refused, never by accident', async () => {
    expect(await statusOf(get('/_matrix/client/versions'))).toBe('200')
    expect(await statusOf(get('http://localhost/_matrix/client/versions'))).toBe('200')
    expect(await statusOf(get('http://elsewhere.example/_matrix/client/versions'))).toBe('200')
    expect(await statusOf('GET /_matrix/client/versions HTTP/1.0\r\n\r\n')).toBe('200')
    expect(await statusOf(get('/_matrix/client/versions', ''))).toBe('400')
    for (const host of ['a b', 'localhost/..', 'user@localhost', '[::1', 'é'])
      expect(['200', '400']).toContain(await statusOf(get('/_matrix/client/versions', `Host: ${host}\r\n`)))
    for (const target of ['*', 'x', 'ftp://localhost/', '//', 'http://', '/\\', '/a\\..\\_matrix/client/versions'])
      expect(['400', '404']).toContain(await statusOf(get(target)))
  })

  test('bytes that are no HTTP are refused', async () => {
    for (const bytes of [
      'hello\r\n\r\n',
      '\0\0\0\0',
      get('/a b'),
      get('/ü'),
      get('/\x01'),
      'GET\r\n\r\n',
      `GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(2_000)}\r\n`,
    ])
      expect(['400', '404', '431', undefined]).toContain(await statusOf(bytes))
    expect(
      await statusOf('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
    ).toBe('400')
    expect(await statusOf('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n')).toBe('400')
    expect((await call('whoami')).status).toBe(200)
  })

  test('a body without end is cut off', async () => {
    const head = `PUT ${targetOf(endpoints['setAccountData']!, house.calls['setAccountData']!)} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${house.ayse.token}\r\nTransfer-Encoding: chunked\r\n\r\n`
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
    expect(await statusOf(head + chunk.repeat(8))).toBe('413')
    expect(await statusOf(head.replace('Transfer-Encoding: chunked', 'Content-Length: 99999999999') + 'x')).toBe('413')
  })
})

test('a token that has expired is refused everywhere, and says that it was only the token', async () => {
  house.node.clock.advance(3_700_000)
  await settled(house.node)
  await unchanged(async () => {
    for (const [name, endpoint] of those(({ auth }) => auth === 'token')) {
      const answer = await rawCall(house.node.address, {
        method: endpoint.method,
        target: targetOf(endpoint, house.calls[name]!),
        token: house.shortToken,
        ...(house.calls[name]!.body !== undefined && { body: JSON.stringify(house.calls[name]!.body) }),
      })
      expect([name, refusalOf(answer), answer.body['soft_logout']]).toEqual([name, '401 M_UNKNOWN_TOKEN', true])
    }
  })
})

/** Values that a schema lets through and nobody expects. */
const odd = [
  '',
  ' ',
  '\u202e',
  '🌷'.repeat(300),
  'x'.repeat(50_000),
  '%00',
  '../..',
  '__proto__',
  -1,
  0,
  Number.MAX_SAFE_INTEGER,
]

describe.each(named(those(({ body }) => body)))('$name', ({ name, endpoint }) => {
  test('answers to odd values with a yes or a no', async () => {
    if (/^(logout|login|register|refresh|changePassword|addThirdPartyId|delete|deactivate|getLoginToken)/.test(name))
      return
    for (const { path } of fieldsOf(endpoint.body!))
      for (const value of odd)
        if (path.length > 0) {
          const answer = await call(name, { body: withValue(house.calls[name]!.body, path, value) })
          if (answer.status !== 200) expect(refusalOf(answer)).toMatch(/^4\d\d M_[A-Z_]+$/)
        }
  })
})

test('the good calls are good', async () => {
  const fresh = await furnish()
  for (const [name, good] of Object.entries(fresh.calls)) {
    const answer = await fresh.node.call(endpoints[name]!, { token: callerOf(fresh, endpoints[name]!).token, ...good })
    // The last but one has ended the session of the last; and what is frozen has nothing for anybody.
    // Neither phones nor identity servers are known to this server.
    const isAbsent = name.endsWith('Unauthenticated')
    const isRefused = /^(requestPhone|bindThirdParty)/.test(name)
    const expected = name === 'logout' ? 401 : isAbsent ? 404 : isRefused ? 400 : 200
    expect([name, answer.status]).toEqual([name, expected])
  }
  await fresh.node.stop()
  await fresh.node.database.drop()
})

import { createServer, connect as connectSocket, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { RoomId, UserId } from '#spec/ids.ts'
import { connect, type Sql } from '#node/db/connect.ts'
import { Pipeline } from '#node/db/pipeline.ts'
import { failure } from '#node/http/fail.ts'
import { testDatabase } from '#test/postgres.ts'
import type { Answer, ServedSlices } from '#test/serve-slices.ts'
import { appendEvents } from './append-event.ts'
import { lowerRoomLimits } from './room.ts'
import { addCaller, ok, refusal, serveRooms, type Caller } from './testing/caller.ts'

let node: ServedSlices
let owner: Caller
let mert: Caller
/** A line to the database that is not the node's. */
let control: Sql
beforeAll(async () => {
  node = await serveRooms()
  control = connect(node.database.url, { onnotice: () => undefined })
  owner = await addCaller(node, 'owner')
  mert = await addCaller(node, 'mert')
})
afterAll(async () => {
  await node.stop()
  await control.end({ timeout: 1 })
  await node.database.drop()
})

const text = (body: string) => ({ msgtype: 'm.text', body })
const say = (who: Caller, roomId: string, body: string, txnId?: string) =>
  who.send(roomId, 'm.room.message', text(body), txnId)

interface Link {
  readonly event_id: string
  readonly depth: number
  readonly prev_events: readonly string[]
  readonly body: string | null
}

/** The events of a room as they were stored, after a look at whether they are one chain that ends in the head. */
async function chainOf(roomId: string, sql: Sql = control): Promise<Link[]> {
  const rows = await sql<(Omit<Link, 'prev_events'> & { envelope: string })[]>`
    select event_id, depth, envelope, content::json ->> 'body' as body from events where room_id = ${roomId} order by position`
  const chain = rows.map(({ envelope, ...row }) => ({
    ...row,
    prev_events: (JSON.parse(envelope) as { prev_events: string[] }).prev_events,
  }))
  chain.forEach((link, index) => {
    expect(link.prev_events).toEqual(index === 0 ? [] : [chain[index - 1]!.event_id])
    expect(link.depth).toBe(index + 1)
  })
  const [room] = await sql<{ heads: string }[]>`select heads from rooms where room_id = ${roomId}`
  const last = chain.at(-1)!
  expect(JSON.parse(room!.heads)).toEqual([[last.event_id, last.depth]])
  return chain
}

const bodiesIn = (chain: readonly Link[]) => chain.flatMap(({ body }) => body ?? [])

describe('many at once', () => {
  test('fifty people who talk in one room make one chain', async () => {
    const people = await Promise.all(Array.from({ length: 50 }, (_, i) => addCaller(node, `person${i}`)))
    const roomId = await owner.createRoom({ preset: 'public_chat' })
    for (const answer of await Promise.all(people.map((who) => who.join(roomId)))) ok(answer)
    const answers = await Promise.all(
      people.flatMap((who, i) => [
        say(who, roomId, `${i} a`),
        who.send(roomId, 'm.room.message', { msgtype: 'm.notice', body: `${i} notice` }),
        say(who, roomId, `${i} b`),
      ]),
    )
    const told = answers.map((answer) => ok(answer).event_id!)
    const chain = await chainOf(roomId)
    expect(chain).toHaveLength(6 + 50 + 150)
    expect(chain.map((link) => link.event_id)).toEqual(expect.arrayContaining(told))
  })

  test('rooms do not wait for each other, and each is a chain', async () => {
    const rooms = await Promise.all(Array.from({ length: 10 }, () => owner.createRoom()))
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => say(owner, rooms[i % rooms.length]!, `${i}`)),
    )
    answers.forEach(ok)
    for (const [index, roomId] of rooms.entries()) {
      const said = bodiesIn(await chainOf(roomId)).map(Number)
      expect(said.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, i) => i * 10 + index))
    }
  })
})

describe('rows that cannot be stored', () => {
  beforeAll(async () => {
    await control`
      create function refuse_poison() returns trigger language plpgsql as $$
      begin
        if new.content like '%poison%' then raise exception 'poison' using errcode = 'check_violation'; end if;
        return new;
      end $$`
    await control`create trigger poison before insert on events for each row execute function refuse_poison()`
  })
  afterAll(async () => {
    await control`drop trigger poison on events`
  })
  let quiet: Caller
  beforeEach(() => {
    quiet = owner
    // These failures are meant.
    node.deps.log.level = 'silent'
  })
  afterEach(() => {
    node.deps.log.level = 'error'
  })

  test('cost only themselves: the room goes on, and other rooms never notice', async () => {
    const [sick, healthy] = await Promise.all([quiet.createRoom(), quiet.createRoom()])
    const planned = ['a', 'poison 1', 'b', 'c', 'poison 2', 'poison 3', 'd', 'e']
    const [answers, others] = await Promise.all([
      Promise.all(planned.map((body) => say(quiet, sick, body))),
      Promise.all(planned.map((_, i) => say(quiet, healthy, `${i}`))),
    ])
    others.forEach(ok)
    expect(answers.map((answer) => answer.status)).toEqual(
      planned.map((body) => (body.startsWith('poison') ? 500 : 200)),
    )
    for (const answer of answers.filter(({ status }) => status === 500))
      expect(answer.body).toEqual({ errcode: 'M_UNKNOWN', error: expect.stringMatching(/went wrong/) })
    expect(bodiesIn(await chainOf(sick)).toSorted()).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(bodiesIn(await chainOf(healthy))).toHaveLength(8)
    ok(await say(quiet, sick, 'well again'))
    expect(bodiesIn(await chainOf(sick))).toContain('well again')
  })

  test('take along the state they set: what was built on it is judged again', async () => {
    const roomId = await owner.createRoom()
    ok(await owner.invite(roomId, mert.id))
    // The join falls; the message that was judged behind it must be refused then, not stored.
    const [join, message, own] = await Promise.all([
      mert.setState(roomId, 'm.room.member', { membership: 'join', displayname: 'poison' }, mert.id),
      say(mert, roomId, 'from nobody'),
      say(owner, roomId, 'from the owner'),
    ])
    expect([join.status, refusal(message), own.status]).toEqual([500, '403 M_FORBIDDEN', 200])
    expect(bodiesIn(await chainOf(roomId))).toEqual(['from the owner'])
    expect(ok(await owner.piece(roomId, 'm.room.member', mert.id))).toEqual({ membership: 'invite' })
    ok(await mert.join(roomId))
  })

  test('leave no half of a room', async () => {
    const answer = await owner.tryToCreate({ name: 'x', topic: 'poison', room_alias_name: 'half' })
    expect(answer.status).toBe(500)
    expect(await control`select 1 from room_aliases where alias = '#half:localhost'`).toHaveLength(0)
    ok(await owner.tryToCreate({ name: 'x', room_alias_name: 'half' }))
  })

  test('again and again end in a refusal, not in an endless loop', async () => {
    const roomId = await owner.createRoom()
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => say(owner, roomId, i % 2 === 0 ? `poison ${i}` : `fine ${i}`)),
    )
    const fine = answers.filter((_, i) => i % 2 === 1)
    for (const { status } of fine) expect([200, 503]).toContain(status)
    expect(bodiesIn(await chainOf(roomId))).toHaveLength(fine.filter(({ status }) => status === 200).length)
    ok(await say(owner, roomId, 'calm'))
  })

  test('of later slices break nothing either', async () => {
    const roomId = await owner.createRoom()
    const { onEvents } = node.deps
    const broken = () => {
      throw new Error('a slice that must not fail fails')
    }
    Object.assign(node.deps, { onEvents: [broken] })
    expect((await say(owner, roomId, 'lost')).status).toBe(500)
    Object.assign(node.deps, { onEvents })
    ok(await say(owner, roomId, 'kept'))
    expect(bodiesIn(await chainOf(roomId))).toEqual(['kept'])
  })
})

/** Runs `work` while every commit of the log waits. */
async function whileHeld<T>(work: (release: () => void) => Promise<T>): Promise<T> {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const { promise: held, resolve: hold } = Promise.withResolvers<void>()
  const holding = control.begin(async (tx) => {
    await tx`select 1 from stream_head for update`
    hold()
    await released
  })
  await held
  try {
    return await work(release)
  } finally {
    release()
    await holding
  }
}

const settledAfter = async (promise: Promise<unknown>, ms: number) => {
  let settled = false
  promise.then(
    () => (settled = true),
    () => (settled = true),
  )
  await new Promise((resolve) => setTimeout(resolve, ms))
  return settled
}

describe('an answer comes after COMMIT', () => {
  test('for what is stored, and for what is found to be so already', async () => {
    const roomId = await owner.createRoom({ preset: 'public_chat' })
    await whileHeld(async (release) => {
      const calls = [
        mert.join(roomId),
        mert.join(roomId),
        owner.setState(roomId, 'm.room.topic', { topic: 'x' }),
        owner.setState(roomId, 'm.room.topic', { topic: 'x' }),
        say(owner, roomId, 'x', 'one'),
        say(owner, roomId, 'x', 'one'),
        owner.tryToCreate({}),
      ] as Promise<Answer>[]
      expect(await Promise.all(calls.map((call) => settledAfter(call, 150)))).toEqual(calls.map(() => false))
      release()
      for (const answer of await Promise.all(calls)) ok(answer)
    })
    expect(await chainOf(roomId)).toHaveLength(6 + 3)
  })
})

describe('when the connection to Postgres is lost', () => {
  /** Ends what waits for a lock, as an administrator or a restart would. */
  const blocked = () => control<{ pid: number }[]>`
    select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  const terminateWaiting = async () => {
    await expect.poll(blocked).not.toHaveLength(0)
    for (const { pid } of await blocked()) await control`select pg_terminate_backend(${pid})`
  }
  beforeEach(() => {
    node.deps.log.level = 'silent'
  })
  afterEach(() => {
    node.deps.log.level = 'error'
  })

  test('before anything is written: 503 for what was under way, and what waited behind it is judged again', async () => {
    const [roomId, other] = await Promise.all([owner.createRoom(), owner.createRoom()])
    const [first, ...waiting] = await whileHeld(async (release) => {
      const lost = say(owner, roomId, 'one', 'kept')
      await expect.poll(blocked).toHaveLength(1)
      const behind = [say(owner, roomId, 'two'), say(owner, other, 'three')]
      expect(await settledAfter(Promise.race(behind), 100)).toBe(false)
      await terminateWaiting()
      const answer = await lost
      release()
      return [answer, ...(await Promise.all(behind))]
    })
    expect(refusal(first!)).toBe('503 M_UNKNOWN')
    expect(first!.headers.get('retry-after')).toBe('1')
    waiting.forEach(ok)
    ok(await say(owner, roomId, 'one', 'kept'))
    expect(bodiesIn(await chainOf(roomId))).toEqual(['two', 'one'])
    expect(bodiesIn(await chainOf(other))).toEqual(['three'])
  })

  test('with many in one transaction: all of them are told, and none is tried again behind their back', async () => {
    const rooms = await Promise.all([owner.createRoom(), owner.createRoom(), owner.createRoom()])
    const send = (roomId: string) =>
      appendEvents(node.deps, roomId as RoomId, () => [
        { type: 'm.room.message', sender: owner.id as UserId, content: text('together') },
      ])
    const results = await whileHeld(async (release) => {
      const sending = Promise.allSettled(rooms.map(send))
      await terminateWaiting()
      const settled = await sending
      release()
      return settled
    })
    for (const result of results) {
      expect(result.status).toBe('rejected')
      expect(failure(node.deps.log, (result as PromiseRejectedResult).reason)).toMatchObject({ status: 503 })
    }
    for (const roomId of rooms) {
      ok(await say(owner, roomId, 'again'))
      expect(bodiesIn(await chainOf(roomId))).toEqual(['again'])
    }
  })

  test('in the middle of writing: nothing of it stays', async () => {
    const roomId = await owner.createRoom()
    const lost = await control.begin(async (tx) => {
      await tx`lock table current_state in access exclusive mode`
      const call = owner.setState(roomId, 'm.room.topic', { topic: 'x' })
      await terminateWaiting()
      return call
    })
    expect(refusal(lost)).toBe('503 M_UNKNOWN')
    expect(refusal(await owner.piece(roomId, 'm.room.topic'))).toBe('404 M_NOT_FOUND')
    ok(await owner.setState(roomId, 'm.room.topic', { topic: 'x' }))
    ok(await say(owner, roomId, 'y'))
    expect(bodiesIn(await chainOf(roomId))).toEqual(['y'])
  })

  test('while reading: 503, and then it works', async () => {
    const roomId = await owner.createRoom()
    const answer = await control.begin(async (tx) => {
      await tx`lock table events in access exclusive mode`
      const call = owner.messages(roomId)
      await terminateWaiting()
      return call
    })
    expect(refusal(answer)).toBe('503 M_UNKNOWN')
    ok(await owner.messages(roomId))
  })
})

/** Stands between the node and Postgres, and can cut the line at the moment of a COMMIT. */
async function lineToPostgres(url: string) {
  const target = new URL(url)
  const folder = target.searchParams.get('host')
  const port = Number(target.port || 5432)
  const callServer = () => (folder ? connectSocket(`${folder}/.s.PGSQL.${port}`) : connectSocket(port, target.hostname))
  let cutAtCommit = false
  const sockets = new Set<Socket>()
  const proxy = createServer((client) => {
    const server = callServer()
    sockets.add(client)
    for (const socket of [client, server]) socket.on('error', () => socket.destroy())
    client.on('data', (data) => server.write(data))
    // The COMMIT has been carried out; that it was, nobody hears.
    server.on('data', (data) => (cutAtCommit && data.includes('COMMIT\0') ? client.destroy() : client.write(data)))
    client.on('close', () => server.end())
    server.on('close', () => client.end())
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  target.searchParams.delete('host')
  target.host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`
  return {
    url: target.href,
    cutAtCommit: (cut: boolean) => void (cutAtCommit = cut),
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => proxy.close(resolve))
    },
  }
}

test('a COMMIT whose answer is lost is found out: nothing is lost, and nothing is there twice', async () => {
  const database = await testDatabase()
  const line = await lineToPostgres(database.url)
  const sql = connect(line.url, { onnotice: () => undefined })
  const pipeline = new Pipeline(line.url)
  const far = await serveRooms({ database: { ...database, sql, pipeline } })
  far.deps.log.level = 'silent'
  const away = await addCaller(far, 'away')
  const roomId = await away.createRoom()

  line.cutAtCommit(true)
  const message = await say(away, roomId, 'in doubt', 'doubt')
  // A look into the database may have told already that it was stored.
  expect(['200 undefined', '503 M_UNKNOWN']).toContain(refusal(message))
  line.cutAtCommit(false)
  const eventId = ok(await say(away, roomId, 'in doubt', 'doubt')).event_id
  expect(message.body.event_id ?? eventId).toBe(eventId)

  line.cutAtCommit(true)
  expect(refusal(await away.setState(roomId, 'm.room.topic', { topic: 'in doubt' }))).toBe('503 M_UNKNOWN')
  line.cutAtCommit(false)
  const topic = ok(await away.setState(roomId, 'm.room.topic', { topic: 'in doubt' })).event_id

  ok(await say(away, roomId, 'after'))
  const chain = await chainOf(roomId, database.sql)
  expect(bodiesIn(chain)).toEqual(['in doubt', 'after'])
  expect(chain.slice(-3, -1).map((link) => link.event_id)).toEqual([eventId, topic])
  await far.stop()
  await pipeline.end()
  await sql.end({ timeout: 1 })
  await line.close()
  await database.drop()
})

describe('a small memory', () => {
  test('holds few rooms and few events, and the rooms are as with a large one', async () => {
    const small = { rooms: 3, events: 2 }
    lowerRoomLimits(node.deps, small)
    const rooms = await Promise.all(Array.from({ length: 8 }, () => owner.createRoom({ preset: 'public_chat' })))
    const people = await Promise.all(Array.from({ length: 6 }, (_, i) => addCaller(node, `small${i}`)))
    for (const roomId of rooms) await Promise.all(people.map(async (who) => ok(await who.join(roomId))))
    const answers = await Promise.all(people.flatMap((who, i) => rooms.map((roomId) => say(who, roomId, `${i}`))))
    answers.forEach(ok)
    ok(await owner.kick(rooms[0]!, people[0]!.id))
    expect(refusal(await say(people[0]!, rooms[0]!, 'no'))).toBe('403 M_FORBIDDEN')
    for (const roomId of rooms)
      expect(bodiesIn(await chainOf(roomId)).toSorted()).toEqual(['0', '1', '2', '3', '4', '5'])
  })

  test('a room with more new state than fits can be made', async () => {
    lowerRoomLimits(node.deps, { rooms: 1, events: 1 })
    const initial_state = Array.from({ length: 30 }, (_, i) => ({
      type: 'org.example.x',
      state_key: `${i}`,
      content: {},
    }))
    const roomId = await owner.createRoom({ initial_state, invite: [mert.id], name: 'x' })
    expect(await chainOf(roomId)).toHaveLength(6 + 32)
    ok(await mert.join(roomId))
  })

  test('is not emptied by questions for rooms that do not exist', async () => {
    lowerRoomLimits(node.deps, { rooms: 1, events: 10 })
    const roomId = await owner.createRoom()
    let looks = 0
    const counted: typeof node.deps.sql = new Proxy(node.deps.sql, {
      apply: (target, self, args: unknown[]) => {
        if (JSON.stringify(args[0]).includes('from current_state')) looks++
        return Reflect.apply(target, self, args) as unknown
      },
    })
    const { sql } = node.deps
    Object.assign(node.deps, { sql: counted })
    for (let i = 0; i < 5; i++)
      expect(refusal(await owner.join(`!${'A'.repeat(42)}${'AEIMQ'[i]}`))).toBe('403 M_FORBIDDEN')
    ok(await say(owner, roomId, 'still in memory'))
    Object.assign(node.deps, { sql })
    expect(looks).toBe(0)
  })
})

test('after a restart a room goes on where it was', async () => {
  const roomId = await owner.createRoom({ preset: 'public_chat', topic: 'kept' })
  ok(await mert.join(roomId))
  ok(await say(mert, roomId, 'before'))
  await node.stop()
  node = await serveRooms({ database: node.database })
  ;[owner, mert] = [owner.on(node), mert.on(node)]
  ok(await say(mert, roomId, 'after'))
  ok(await owner.setState(roomId, 'm.room.topic', { topic: 'new' }))
  const chain = await chainOf(roomId)
  expect(bodiesIn(chain)).toEqual(['before', 'after'])
  // The layers of state go on as well: the state before the last event is there, whole.
  const layers = await control<{ n: number }[]>`
    select count(*)::int as n from events e join state_layers l on l.layer = e.state_before where e.event_id = ${chain.at(-1)!.event_id}`
  expect(layers[0]!.n).toBe(1)
})

test('a door that proposes nothing changes nothing', async () => {
  const roomId = await owner.createRoom()
  const before = await chainOf(roomId)
  expect(await appendEvents(node.deps, roomId as RoomId, () => [])).toEqual([])
  expect(await chainOf(roomId)).toEqual(before)
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { getMessages } from '#spec/api/client/events.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { Mirror } from './testing/mirror.ts'
import { StreamClient } from './testing/stream-client.ts'
import { addTalker, serveTalk, type Talker } from './testing/talk.ts'

let node: ServedSlices

beforeAll(async () => {
  node = await serveTalk()
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const wide = { room: { timeline: { limit: 100 } } }
const lazy = { room: { timeline: { limit: 100 }, state: { lazy_load_members: true } } }

/** Numbers below `n` that depend on the seed alone. */
function chance(seed: number): (n: number) => number {
  let x = seed
  return (n) => {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((x / 2 ** 32) * n)
  }
}

/** Reads for one device until it is told to stop, in its own way. */
type Way = (who: Talker, mirror: Mirror, isOver: () => boolean, random: (n: number) => number) => Promise<void>

const bySync =
  (query: Record<string, unknown>): Way =>
  async (who, mirror, isOver) => {
    while (!isOver()) mirror.apply(await who.sync({ filter: wide, ...query, since: mirror.token }))
  }

const byStream =
  (filter: object): Way =>
  async (who, mirror, isOver) => {
    const stream = await StreamClient.start(who, { filter })
    while (!isOver()) mirror.apply(await stream.next())
    stream.close()
  }

/** A stream for a few frames, then /sync, then a stream again. What was under way when a stream is closed is lost, and asked for again. */
const byTurns: Way = async (who, mirror, isOver, random) => {
  while (!isOver()) {
    const stream = await StreamClient.start(who, { filter: wide, since: mirror.token })
    for (let frames = 1 + random(4); frames > 0 && !isOver(); frames--) mirror.apply(await stream.next())
    stream.socket.terminate()
    for (let calls = random(3); calls > 0 && !isOver(); calls--)
      mirror.apply(await who.sync({ filter: wide, since: mirror.token, use_state_after: true }))
  }
}

const ways: Record<string, Way> = {
  'sync with state': bySync({}),
  'sync with state_after': bySync({ use_state_after: true }),
  stream: byStream(wide),
  'stream and sync by turns': byTurns,
}
const lazyWays: Record<string, Way> = {
  'lazy sync': bySync({ filter: lazy, use_state_after: true }),
  'lazy stream': byStream(lazy),
}

/** Whoever has left, or was sent away, is in the room again. */
async function comeBack(people: readonly Talker[], roomId: string, who: Talker): Promise<void> {
  for (const host of people.filter((one) => one !== who)) {
    await host.unban(roomId, who).catch(ignoreRefusal)
    await host.invite(roomId, who).catch(ignoreRefusal)
  }
  await who.join(roomId)
}

function ignoreRefusal(error: unknown): void {
  if (!/: (403|404|400) /.test(String(error))) throw error
}

/** One thing that somebody does; what the rules of the room forbid is part of the play. */
async function act(
  people: readonly Talker[],
  rooms: string[],
  random: (n: number) => number,
  step: number,
): Promise<unknown> {
  const who = people[random(people.length)]!
  const other = people[random(people.length)]!
  const roomId = rooms[random(rooms.length)]!
  const events = (await who.tryTo(getMessages, { params: { roomId }, query: { dir: 'b', limit: '10' } })).body.chunk
  const event = events?.[random(events.length)]?.event_id ?? '$none'
  const actions: (() => Promise<unknown>)[] = [
    () => who.send(roomId, `message ${step}`),
    () => who.send(roomId, `again ${step}`),
    () => who.send(roomId, `for ${other.id} ${step}`, { 'm.mentions': { user_ids: [other.id] } }),
    () => who.setState(roomId, 'm.room.topic', { topic: `topic ${step}` }),
    () => who.setState(roomId, 'm.room.name', { name: random(2) ? `name ${step}` : '' }),
    () => who.redact(roomId, event),
    () => who.type(roomId, random(2) === 0),
    () => who.type(roomId, random(2) === 0),
    () => who.read(roomId, event),
    () => who.read(roomId, event, { thread_id: 'main' }),
    () => who.read(roomId, event, {}, 'm.read.private'),
    () => who.readMarkers(roomId, { 'm.fully_read': event, 'm.read': event }),
    () => who.setRoomData(roomId, 'org.example.note', { step }),
    () => who.setData('org.example.note', { step }),
    () => who.invite(roomId, other),
    () => comeBack(people, roomId, other),
    () => comeBack(people, roomId, other),
    () => comeBack(people, roomId, who),
    () => (random(3) === 0 ? who.leave(roomId) : who.send(roomId, `staying ${step}`)),
    () => (random(3) === 0 ? who.kick(roomId, other) : who.send(roomId, `no kick ${step}`)),
    () => (random(3) === 0 ? who.ban(roomId, other) : who.send(roomId, `no ban ${step}`)),
    () => who.setName(`${who.id.slice(1, 4)} ${step}`),
  ]
  return actions[random(actions.length)]!().catch(ignoreRefusal)
}

test.each([1, 2, 3])('frames and sync answers lead to the same state (%i)', { timeout: 60_000 }, async (seed) => {
  const random = chance(seed)
  const people = await Promise.all(['ali', 'bea', 'can'].map((name) => addTalker(node, `${name}${seed}`)))
  const rooms = await Promise.all(
    ['public_chat', 'private_chat', 'public_chat'].map((preset, i) =>
      people[i]!.createRoom({
        preset,
        invite: people.map((p) => p.id).filter((id) => id !== people[i]!.id),
        ...(i === 2 && {
          initial_state: [
            { type: 'm.room.history_visibility', state_key: '', content: { history_visibility: 'joined' } },
          ],
        }),
      }),
    ),
  )
  for (const who of people) for (const roomId of rooms) if (random(4) > 0) await who.join(roomId)

  const isOver = (mirror: Mirror) => () => mirror.accountData.get('org.example.end') !== undefined
  const readers = people.flatMap((who) =>
    Object.entries({ ...ways, ...lazyWays }).map(([name, way]) => {
      const mirror = new Mirror()
      return { who, name, mirror, done: way(who, mirror, isOver(mirror), chance(seed + 7)) }
    }),
  )
  for (let step = 0; step < 80; step++)
    await Promise.all(Array.from({ length: 1 + random(4) }, (_, i) => act(people, rooms, random, step * 10 + i)))
  for (const who of people) await who.setData('org.example.end', { end: true })
  await Promise.all(readers.map((reader) => reader.done))

  for (const who of people) {
    const fresh = new Mirror().apply(await who.sync({ filter: wide }))
    for (const { name, mirror } of readers.filter((reader) => reader.who === who)) {
      const isLazy = name in lazyWays
      expect(mirror.view(60, isLazy), `${who.id} by ${name}`).toEqual(fresh.view(60, isLazy))
      for (const [eventId, event] of fresh.told)
        if (mirror.told.has(eventId) && !('redacted_because' in (event as { unsigned: object }).unsigned))
          expect(mirror.told.get(eventId), `${who.id} by ${name}`).toEqual(event)
    }
  }
})

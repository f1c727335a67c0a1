import { getMessages } from '#spec/api/client/events.ts'
import { deletePushRule, setPushRule } from '#spec/api/client/push-rules.ts'
import type { Mirror } from './mirror.ts'
import { StreamClient } from './stream-client.ts'
import type { Talker } from './talk.ts'

export const wide = { room: { timeline: { limit: 100 } } }
const lazy = { room: { timeline: { limit: 100 }, state: { lazy_load_members: true } } }

/** Numbers below `n` that depend on the seed alone. */
export function chance(seed: number): (n: number) => number {
  let x = seed
  return (n) => {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((x / 2 ** 32) * n)
  }
}

/** Reads for one device until it is told to stop, in its own way. */
export type Way = (who: Talker, mirror: Mirror, isOver: () => boolean, random: (n: number) => number) => Promise<void>

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

export const ways: Record<string, Way> = {
  'sync with state': bySync({ timeout: 30_000 }),
  'sync with state_after': bySync({ use_state_after: true, timeout: 30_000 }),
  stream: byStream(wide),
  'stream and sync by turns': byTurns,
}
export const lazyWays: Record<string, Way> = {
  'lazy sync': bySync({ filter: lazy, use_state_after: true, timeout: 30_000 }),
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
export async function act(
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
    () => who.send(roomId, `for all ${step}`, { 'm.mentions': { room: true } }),
    () => who.send(roomId, `in a thread ${step}`, { 'm.relates_to': { rel_type: 'm.thread', event_id: event } }),
    () => who.read(roomId, event, { thread_id: event }),
    () => who.do(setPushRule, { params: { kind: 'room', ruleId: roomId }, body: { actions: [] } }),
    () => who.do(deletePushRule, { params: { kind: 'room', ruleId: roomId } }),
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

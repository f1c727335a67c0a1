import { expect } from 'vitest'
import type { Client } from '#client-sdk/client.ts'
import type { Timeline } from '#client-sdk/timeline.ts'
import { when } from '../when.ts'
import { goodPassword, type WorldNode } from '../world-node.ts'
import type { Player } from './play-script.ts'

/**
 * Whatever a client was told bit by bit must come to the same as what the node tells a client that has just logged in: rooms, names,
 * counts, members and the whole history that may be seen.
 */
export async function checkAgainstFreshSync(node: WorldNode, { client, userId }: Player): Promise<void> {
  if (client.session.get() === undefined) return
  const fresh = await node.client()
  await fresh.login({ username: userId, password: goodPassword })
  fresh.start()
  await when(fresh.status, (status) => status === 'live' || status === 'polling', 'the first sync')
  const wanted = await pictureOf(fresh)
  const matches = await eventually(
    client,
    async () => JSON.stringify(await pictureOf(client)) === JSON.stringify(wanted),
  )
  if (!matches) expect(await pictureOf(client)).toEqual(wanted)
  await fresh.logout()
}

/** Asks again whenever the client has heard something, and gives up when it has heard nothing for a second. */
async function eventually(client: Client, holds: () => Promise<boolean>): Promise<boolean> {
  for (;;) {
    const before = client.rooms.get()
    if (await holds()) return true
    const news = await Promise.race([
      when(client.rooms, (rooms) => rooms !== before).then(() => true),
      new Promise<boolean>((resolve) => setTimeout(resolve, 1000, false)),
    ])
    if (!news) return holds()
  }
}

async function pictureOf(client: Client): Promise<unknown> {
  const rooms = client.rooms.get().toSorted((a, b) => (a.roomId < b.roomId ? -1 : 1))
  return Promise.all(
    rooms.map(async ({ roomId, membership, name, topic, joinedCount, invitedCount, unreadCount }) => ({
      roomId,
      membership,
      name,
      topic,
      joinedCount,
      invitedCount,
      unreadCount,
      ...(membership === 'join' && (await insideOf(client, roomId))),
    })),
  )
}

async function insideOf(client: Client, roomId: Parameters<Client['room']>[0]): Promise<object> {
  const room = client.room(roomId)
  await room.ready
  await room.loadMembers()
  // A client remembers more of those who are gone than a new one is told.
  const members = [...room.members.get().byId.values()]
    .filter(({ membership }) => membership !== 'leave')
    .map(({ userId, membership, name }) => [userId, membership, name])
    .toSorted()
  return { members, history: await historyOf(room.timeline()) }
}

async function historyOf(timeline: Timeline): Promise<unknown> {
  while (!timeline.state.get().atStart) {
    await timeline.loadOlder(100)
    const { error } = timeline.state.get()
    if (error) throw error
  }
  const items = timeline.items.get().filter((item) => item.status === 'sent')
  timeline.close()
  return items.map(({ eventId, type, sender, content, redacted }) => ({ eventId, type, sender, content, redacted }))
}

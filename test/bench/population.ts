import { createRoom, joinRoom } from '#spec/api/client/rooms.ts'
import { register } from '#spec/api/client/register.ts'
import { sendEvent } from '#spec/api/client/events.ts'
import type { RoomId } from '#spec/ids.ts'
import { callEndpoint } from '#client-sdk/call.ts'
import { globalPlatform } from '#client-sdk/platform.ts'
import { lowerPasswordCost } from '#node/accounts/password.ts'
import { readConfig } from '#node/config.ts'
import { createLogger } from '#node/deps.ts'
import { startNode } from '#node/start-node.ts'

/** People and rooms that a node has when it starts. */
export interface Population {
  readonly tokens: readonly string[]
  readonly rooms: readonly RoomId[]
}

/** A room by the numbers of its members; the first of them makes it. */
export type PlannedRoom = readonly number[]

/**
 * Fills a data folder: so many people, and these rooms. A node is started for it in this process, where passwords may cost little;
 * otherwise the passwords of two thousand people alone would take minutes.
 */
export async function populate(
  dataDir: string,
  people: number,
  rooms: readonly PlannedRoom[],
  messagesPerRoom = 0,
): Promise<Population> {
  const config = readConfig({
    HEARTH_DATA_DIR: dataDir,
    HEARTH_PORT: '0',
    HEARTH_REGISTRATION: 'open',
    HEARTH_RATE_LIMITS: 'off',
    HEARTH_LOG_LEVEL: 'error',
  })
  const node = await startNode({ config, log: createLogger(config.logLevel) })
  try {
    lowerPasswordCost(node.deps)
    const tokens = await inGroups(people, (index) => addPerson(node.address, index))
    const roomIds = await inGroups(rooms.length, (index) => addRoom(node.address, tokens, rooms[index]!, index))
    for (const [index, roomId] of roomIds.entries()) {
      const members = rooms[index]!
      for (let n = 0; n < messagesPerRoom; n++)
        await say(node.address, tokens[members[n % members.length]!]!, roomId, n)
    }
    return { tokens, rooms: roomIds }
  } finally {
    await node.stop()
  }
}

const atOnce = 32

/** Calls `make` for 0 to `count`, some at a time, and keeps the order. */
async function inGroups<T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> {
  const made: T[] = []
  let next = 0
  const worker = async () => {
    while (next < count) {
      const index = next++
      made[index] = await make(index)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker))
  return made
}

async function addPerson(baseUrl: string, index: number): Promise<string> {
  const body = { username: `person${index}`, password: 'a cat in the garden', auth: { type: 'm.login.dummy' } }
  const { access_token } = await callEndpoint(globalPlatform, baseUrl, register, { body })
  return access_token!
}

async function addRoom(
  baseUrl: string,
  tokens: readonly string[],
  members: PlannedRoom,
  index: number,
): Promise<RoomId> {
  const [maker, ...others] = members
  const body = { preset: 'public_chat' as const, name: `Room ${index}` }
  const made = await callEndpoint(globalPlatform, baseUrl, createRoom, { body }, { accessToken: tokens[maker!] })
  const roomId = made.room_id
  await inGroups(others.length, (n) =>
    callEndpoint(
      globalPlatform,
      baseUrl,
      joinRoom,
      { params: { roomId }, body: {} },
      { accessToken: tokens[others[n]!] },
    ),
  )
  return roomId
}

async function say(baseUrl: string, accessToken: string, roomId: RoomId, n: number): Promise<void> {
  const params = { roomId, eventType: 'm.room.message', txnId: `p${n}` }
  const body = { msgtype: 'm.text', body: `Message ${n} of a quiet evening` }
  await callEndpoint(globalPlatform, baseUrl, sendEvent, { params, body }, { accessToken })
}

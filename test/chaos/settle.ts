import { createRoom, joinRoom } from '#spec/api/client/rooms.ts'
import { register } from '#spec/api/client/register.ts'
import type { RoomId, UserId } from '#spec/ids.ts'
import { callEndpoint } from '#client-sdk/call.ts'
import { globalPlatform } from '#client-sdk/platform.ts'

export interface Person {
  readonly userId: UserId
  readonly token: string
}

/** Who lives on the node before the violence begins. */
export interface Town {
  /** They talk, and are in every room. */
  readonly talkers: readonly Person[]
  /** They come and go. */
  readonly wanderers: readonly Person[]
  /** They make rooms. */
  readonly founders: readonly Person[]
  readonly rooms: readonly RoomId[]
}

export async function settle(baseUrl: string): Promise<Town> {
  const [talkers, wanderers, founders] = await Promise.all([
    addPeople(baseUrl, 'talker', 5),
    addPeople(baseUrl, 'wanderer', 2),
    addPeople(baseUrl, 'founder', 1),
  ])
  const rooms = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => addRoom(baseUrl, talkers, n)))
  return { talkers, wanderers, founders, rooms }
}

const addPeople = (baseUrl: string, name: string, count: number): Promise<Person[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => addPerson(baseUrl, `${name}${index}`)))

async function addPerson(baseUrl: string, username: string): Promise<Person> {
  const body = { username, password: 'a cat in the garden', auth: { type: 'm.login.dummy' } }
  const answer = await callEndpoint(globalPlatform, baseUrl, register, { body })
  return { userId: answer.user_id, token: answer.access_token! }
}

async function addRoom(baseUrl: string, [maker, ...others]: readonly Person[], n: number): Promise<RoomId> {
  const body = { preset: 'public_chat' as const, name: `Room ${n}` }
  const made = await callEndpoint(globalPlatform, baseUrl, createRoom, { body }, { accessToken: maker!.token })
  const roomId = made.room_id
  for (const { token } of others)
    await callEndpoint(globalPlatform, baseUrl, joinRoom, { params: { roomId }, body: {} }, { accessToken: token })
  return roomId
}

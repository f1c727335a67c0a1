import { isJsonObject, type Json, type JsonObject } from '#spec/json.ts'
import { goodPassword } from '#test/world-node.ts'
import type { Call, Caller, Expected, OfficialCaller } from './official-caller.ts'

/** What a scenario of one operation works with: it makes its own people and rooms, through the same description. */
export interface Stage {
  readonly serverName: string
  readonly baseUrl: string
  /** The address of a web page that can be previewed. */
  readonly page: string
  /** Administers the node. */
  readonly admin: Caller
  /** A call of any operation that goes well. */
  act(operation: string, call?: Call): Promise<JsonObject>
  /** A new account; names are told apart by numbers. */
  person(name?: string): Promise<Caller>
  room(by: Caller, body?: object): Promise<string>
  /** A room of two, the first of whom made it. */
  pair(): Promise<{ ayse: Caller; mert: Caller; roomId: string }>
  say(by: Caller, roomId: string, content?: object): Promise<string>
  /** Everything that waits to be synced by them. */
  sync(as: Caller, since?: string): Promise<JsonObject>
}

/** A call of the operation that the scenario is about. */
export type OwnCall = (expected: Expected, call?: Call) => Promise<JsonObject>
export type Scenario = (stage: Stage, call: OwnCall) => Promise<unknown>
/** Scenarios by method and path, as the official description writes them. */
export type Scenarios = Readonly<Record<string, Scenario>>

/** The text at this place of an answer. */
export function textAt(body: Json, ...path: readonly (string | number)[]): string {
  const value = valueAt(body, ...path)
  if (typeof value !== 'string') throw new Error(`${path.join('.')} is no text in ${JSON.stringify(body)}`)
  return value
}

function valueAt(body: Json | undefined, ...path: readonly (string | number)[]): Json | undefined {
  const [first, ...rest] = path
  if (first === undefined || body === undefined) return body
  if (Array.isArray(body)) return valueAt((body as readonly Json[])[Number(first)], ...rest)
  return isJsonObject(body) ? valueAt(body[first], ...rest) : undefined
}

export const passwordOf = (who: Caller, password = goodPassword) => ({
  type: 'm.login.password',
  identifier: { type: 'm.id.user', user: who.userId },
  password,
})

export const client = '/_matrix/client/v3'
export const client1 = '/_matrix/client/v1'

export function callerOf(answer: JsonObject): Caller {
  return {
    userId: textAt(answer, 'user_id'),
    deviceId: textAt(answer, 'device_id'),
    token: textAt(answer, 'access_token'),
  }
}

export function makeStage(
  official: OfficialCaller,
  node: Pick<Stage, 'serverName' | 'baseUrl' | 'page' | 'admin'>,
): Stage {
  let count = 0
  const act = (operation: string, call?: Call) => official.call(operation, 200, call)
  const person = async (name = 'person') => {
    const username = `${name}${++count}`
    const body = { username, password: goodPassword, auth: { type: 'm.login.dummy' } }
    return callerOf(await act(`POST ${client}/register`, { body }))
  }
  const room = async (as: Caller, body: object = {}) =>
    textAt(await act(`POST ${client}/createRoom`, { as, body }), 'room_id')
  return {
    ...node,
    act,
    person,
    room,
    async pair() {
      const [ayse, mert] = [await person('ayse'), await person('mert')]
      const roomId = await room(ayse, { preset: 'private_chat', name: 'Kitchen', invite: [mert.userId] })
      await act(`POST ${client}/rooms/{roomId}/join`, { as: mert, params: { roomId }, body: {} })
      return { ayse, mert, roomId }
    },
    async say(as, roomId, content = { msgtype: 'm.text', body: 'The soup is ready' }) {
      const params = { roomId, eventType: 'm.room.message', txnId: `say${++count}` }
      const sent = await act(`PUT ${client}/rooms/{roomId}/send/{eventType}/{txnId}`, { as, params, body: content })
      return textAt(sent, 'event_id')
    },
    sync: (as, since) => act(`GET ${client}/sync`, { as, query: { ...(since !== undefined && { since }) } }),
  }
}

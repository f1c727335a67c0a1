import { getMessages, sendEvent, sendStateEvent, redactEvent } from '#spec/api/client/events.ts'
import { sendReceipt, setReadMarkers } from '#spec/api/client/receipts.ts'
import * as roomsApi from '#spec/api/client/rooms.ts'
import { setRoomAccountData, setAccountData } from '#spec/api/client/account-data.ts'
import { sync as syncEndpoint, type SyncResponse } from '#spec/api/client/sync.ts'
import { setProfileField } from '#spec/api/client/profile.ts'
import { setTyping } from '#spec/api/client/typing.ts'
import type { RoomId } from '#spec/ids.ts'
import type { Endpoint } from '#spec/endpoint.ts'
import { identifyToken } from '#node/accounts/identify-token.ts'
import { lowerPasswordCost } from '#node/accounts/password.ts'
import { accounts } from '#node/accounts/slice.ts'
import { devices } from '#node/devices/slice.ts'
import { ephemeral } from '#node/ephemeral/slice.ts'
import { presence } from '#node/presence/slice.ts'
import { keys } from '#node/keys/slice.ts'
import { push } from '#node/push/slice.ts'
import { rooms } from '#node/rooms/slice.ts'
import { sync } from '#node/sync/slice.ts'
import { toDevice } from '#node/to-device/slice.ts'
import { addPerson, logInAgain, type Person } from '#test/people.ts'
import type { TestDatabase } from '#test/postgres.ts'
import { serveSlices, type Answer, type CallInput, type ServedSlices } from '#test/serve-slices.ts'

/** The slices that talking takes. */
export const serveTalk = (database?: TestDatabase, settings: Record<string, string> = {}): Promise<ServedSlices> =>
  serveSlices([accounts, devices, rooms, keys, toDevice, ephemeral, presence, push, sync], {
    identifyToken,
    prepare: (deps) => lowerPasswordCost(deps),
    settings: { HEARTH_REGISTRATION: 'open', ...settings },
    ...(database && { database }),
  })

/** One device of a person, with a short name for each thing that the tests do. A call that fails throws. */
export class Talker {
  /** May be set to another start of the same node. */
  node: ServedSlices
  readonly person: Person
  #txn = 0

  constructor(node: ServedSlices, person: Person) {
    this.node = node
    this.person = person
  }

  get id(): string {
    return this.person.userId
  }

  tryTo<E extends Endpoint>(endpoint: E, input: CallInput = {}): Promise<Answer<E>> {
    return this.node.call(endpoint, { token: this.person.token, ...input })
  }

  async do<E extends Endpoint>(endpoint: E, input: CallInput = {}): Promise<Answer<E>['body']> {
    const answer = await this.tryTo(endpoint, input)
    if (answer.status !== 200) throw new Error(`${endpoint.path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body
  }

  async createRoom(body: object = {}): Promise<string> {
    return (await this.do(roomsApi.createRoom, { body })).room_id!
  }

  async send(roomId: string, text: string, more: object = {}): Promise<string> {
    return this.sendType(roomId, 'm.room.message', { msgtype: 'm.text', body: text, ...more })
  }

  async sendType(
    roomId: string,
    eventType: string,
    body: object,
    txnId = `${this.person.deviceId}-${++this.#txn}`,
  ): Promise<string> {
    return (await this.do(sendEvent, { params: { roomId, eventType, txnId }, body })).event_id!
  }

  async setState(roomId: string, eventType: string, body: object, stateKey = ''): Promise<string> {
    return (await this.do(sendStateEvent, { params: { roomId, eventType, stateKey }, body })).event_id!
  }

  async redact(roomId: string, eventId: string): Promise<string> {
    const params = { roomId, eventId, txnId: `${this.person.deviceId}-${++this.#txn}` }
    return (await this.do(redactEvent, { params, body: {} })).event_id!
  }

  join = (roomId: string) => this.do(roomsApi.joinRoom, { params: { roomId }, body: {} })
  leave = (roomId: string) => this.do(roomsApi.leaveRoom, { params: { roomId }, body: {} })
  forget = (roomId: string) => this.do(roomsApi.forgetRoom, { params: { roomId }, body: {} })
  invite = (roomId: string, who: Talker) =>
    this.do(roomsApi.inviteUser, { params: { roomId }, body: { user_id: who.id } })
  kick = (roomId: string, who: Talker) => this.do(roomsApi.kickUser, { params: { roomId }, body: { user_id: who.id } })
  ban = (roomId: string, who: Talker) => this.do(roomsApi.banUser, { params: { roomId }, body: { user_id: who.id } })
  unban = (roomId: string, who: Talker) =>
    this.do(roomsApi.unbanUser, { params: { roomId }, body: { user_id: who.id } })

  type = (roomId: string, typing: boolean, timeout?: number) =>
    this.do(setTyping, { params: { roomId, userId: this.id }, body: { typing, timeout } })
  read = (roomId: string, eventId: string, body: object = {}, receiptType = 'm.read') =>
    this.do(sendReceipt, { params: { roomId, receiptType, eventId }, body })
  readMarkers = (roomId: string, body: object) => this.do(setReadMarkers, { params: { roomId }, body })
  setRoomData = (roomId: string, type: string, body: object) =>
    this.do(setRoomAccountData, { params: { userId: this.id, roomId, type }, body })
  setData = (type: string, body: object) => this.do(setAccountData, { params: { userId: this.id, type }, body })
  setName = (displayname: string) =>
    this.do(setProfileField, { params: { userId: this.id, keyName: 'displayname' }, body: { displayname } })
  messages = (roomId: string, query: Record<string, string>) => this.do(getMessages, { params: { roomId }, query })

  async sync(
    query: { since?: string | undefined; filter?: object; timeout?: number } & Record<string, unknown> = {},
  ): Promise<SyncResponse> {
    const { filter, ...rest } = query
    const texts = Object.entries(rest).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))
    const all = { ...Object.fromEntries(texts), ...(filter && { filter: JSON.stringify(filter) }) }
    return (await this.do(syncEndpoint, { query: all })) as SyncResponse
  }
}

export const addTalker = async (node: ServedSlices, name: string) => new Talker(node, await addPerson(node, name))
export const addDevice = async (node: ServedSlices, name: string) => new Talker(node, await logInAgain(node, name))

/** What every answer says to a device that has published no keys. */
export const noKeys = { device_one_time_keys_count: { signed_curve25519: 0 }, device_unused_fallback_key_types: [] }

/** A room's part in a section of an answer. */
export const joined = (answer: SyncResponse, roomId: string) => answer.rooms?.join?.[roomId as RoomId]
export const left = (answer: SyncResponse, roomId: string) => answer.rooms?.leave?.[roomId as RoomId]
export const invited = (answer: SyncResponse, roomId: string) => answer.rooms?.invite?.[roomId as RoomId]

/** State as `type|key`, in order. */
export const stateKeys = (events: readonly { type: string; state_key?: string | undefined }[] | undefined): string[] =>
  (events ?? []).map((event) => (event.state_key ? `${event.type}|${event.state_key}` : event.type))

/** The texts of a timeline. */
export const bodies = (room: { timeline?: { events: { content: object }[] } | undefined } | undefined): unknown[] =>
  (room?.timeline?.events ?? []).flatMap(({ content }) => ('body' in content ? [content.body] : []))

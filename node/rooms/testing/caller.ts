import { expect } from 'vitest'
import * as events from '#spec/api/client/events.ts'
import * as directory from '#spec/api/client/room-directory.ts'
import { upgradeRoom } from '#spec/api/client/room-upgrades.ts'
import * as relations from '#spec/api/client/relations.ts'
import * as api from '#spec/api/client/rooms.ts'
import type { ClientEvent } from '#spec/api/client/client-event.ts'
import type { Endpoint } from '#spec/endpoint.ts'
import { identifyToken } from '#node/accounts/identify-token.ts'
import { lowerPasswordCost } from '#node/accounts/password.ts'
import { accounts } from '#node/accounts/slice.ts'
import type { Deps } from '#node/deps.ts'
import { devices } from '#node/devices/slice.ts'
import { rooms } from '#node/rooms/slice.ts'
import type { Slice } from '#node/slice.ts'
import { addPerson, logInAgain, type Person } from '#test/people.ts'
import type { TestDatabase } from '#test/postgres.ts'
import { serveSlices, type Answer, type CallInput, type ServedSlices } from '#test/serve-slices.ts'

interface Options {
  /** A database that an earlier node has left. */
  readonly database?: TestDatabase
  readonly prepare?: (deps: Deps) => void
  readonly settings?: Readonly<Record<string, string>>
  /** Slices below rooms. */
  readonly more?: readonly Slice[]
}

/** The slices that rooms take. */
export const serveRooms = ({ database, prepare, more = [], settings = {} }: Options = {}): Promise<ServedSlices> =>
  serveSlices([accounts, devices, rooms, ...more], {
    identifyToken,
    prepare: (deps) => {
      lowerPasswordCost(deps)
      prepare?.(deps)
    },
    settings: { HEARTH_REGISTRATION: 'open', ...settings },
    ...(database && { database }),
  })

/** One device of a person, with a short name for each call. Answers are given as they are, refusals too. */
export class Caller {
  readonly node: ServedSlices
  readonly person: Person
  #txn = 0

  constructor(node: ServedSlices, person: Person) {
    this.node = node
    this.person = person
  }

  get id(): string {
    return this.person.userId
  }

  /** The same device on another node that has the same database. */
  on = (node: ServedSlices): Caller => new Caller(node, this.person)

  call<E extends Endpoint>(endpoint: E, input: CallInput = {}): Promise<Answer<E>> {
    return this.node.call(endpoint, { token: this.person.token, ...input })
  }

  tryToCreate = (body: object) => this.call(api.createRoom, { body })
  async createRoom(body: object = {}): Promise<string> {
    return ok(await this.tryToCreate(body)).room_id!
  }

  join = (roomId: string, body: object = {}) => this.call(api.joinRoom, { params: { roomId }, body })
  knock = (roomIdOrAlias: string, body: object = {}) => this.call(api.knockRoom, { params: { roomIdOrAlias }, body })
  leave = (roomId: string, body: object = {}) => this.call(api.leaveRoom, { params: { roomId }, body })
  forget = (roomId: string) => this.call(api.forgetRoom, { params: { roomId }, body: {} })
  invite = (roomId: string, user_id: string, more: object = {}) =>
    this.call(api.inviteUser, { params: { roomId }, body: { user_id, ...more } })
  kick = (roomId: string, user_id: string, more: object = {}) =>
    this.call(api.kickUser, { params: { roomId }, body: { user_id, ...more } })
  ban = (roomId: string, user_id: string, more: object = {}) =>
    this.call(api.banUser, { params: { roomId }, body: { user_id, ...more } })
  unban = (roomId: string, user_id: string, more: object = {}) =>
    this.call(api.unbanUser, { params: { roomId }, body: { user_id, ...more } })

  setAlias = (roomAlias: string, room_id: string) =>
    this.call(directory.setRoomAlias, { params: { roomAlias }, body: { room_id } })
  alias = (roomAlias: string) => this.call(directory.getRoomAlias, { params: { roomAlias } })
  deleteAlias = (roomAlias: string) => this.call(directory.deleteRoomAlias, { params: { roomAlias } })
  aliases = (roomId: string) => this.call(directory.getRoomAliases, { params: { roomId } })
  visibility = (roomId: string) => this.call(directory.getRoomVisibility, { params: { roomId } })
  setVisibility = (roomId: string, visibility?: string) =>
    this.call(directory.setRoomVisibility, { params: { roomId }, body: { ...(visibility && { visibility }) } })

  upgrade = (roomId: string, new_version: string, more: object = {}) =>
    this.call(upgradeRoom, { params: { roomId }, body: { new_version, ...more } })

  nextTxn = () => `${this.person.deviceId}-${++this.#txn}`
  send = (roomId: string, eventType: string, body: object, txnId = this.nextTxn()) =>
    this.call(events.sendEvent, { params: { roomId, eventType, txnId }, body })
  async say(roomId: string, body: string, more: object = {}): Promise<string> {
    return ok(await this.send(roomId, 'm.room.message', { msgtype: 'm.text', body, ...more })).event_id!
  }
  redact = (roomId: string, eventId: string, body: object = {}, txnId = this.nextTxn()) =>
    this.call(events.redactEvent, { params: { roomId, eventId, txnId }, body })
  setState = (roomId: string, eventType: string, body: object, stateKey = '') =>
    stateKey === ''
      ? this.call(events.sendStateEventEmptyKey, { params: { roomId, eventType }, body })
      : this.call(events.sendStateEvent, { params: { roomId, eventType, stateKey }, body })

  state = (roomId: string) => this.call(events.getState, { params: { roomId } })
  piece = (roomId: string, eventType: string, stateKey = '', query: Record<string, string> = {}) =>
    stateKey === ''
      ? this.call(events.getStateEventEmptyKey, { params: { roomId, eventType }, query })
      : this.call(events.getStateEvent, { params: { roomId, eventType, stateKey }, query })
  messages = (roomId: string, query: Record<string, string> = {}) =>
    this.call(events.getMessages, { params: { roomId }, query: { dir: 'b', ...query } })
  event = (roomId: string, eventId: string) => this.call(events.getEvent, { params: { roomId, eventId } })
  context = (roomId: string, eventId: string, query: Record<string, string> = {}) =>
    this.call(events.getContext, { params: { roomId, eventId }, query })
  relations = (roomId: string, eventId: string, query: Record<string, string> = {}) =>
    this.call(relations.getRelatingEvents, { params: { roomId, eventId }, query })
  threads = (roomId: string, query: Record<string, string> = {}) =>
    this.call(relations.getThreadRoots, { params: { roomId }, query })
  members = (roomId: string, query: Record<string, string> = {}) =>
    this.call(api.getMembers, { params: { roomId }, query })
  joinedMembers = (roomId: string) => this.call(api.getJoinedMembers, { params: { roomId } })
  async joinedRooms(): Promise<readonly string[]> {
    return ok(await this.call(api.getJoinedRooms)).joined_rooms!
  }

  /** Every event that the caller can page to, oldest first. */
  async history(roomId: string, query: Record<string, string> = {}): Promise<ClientEvent[]> {
    const all: ClientEvent[] = []
    for (let from: string | undefined, first = true; first || from !== undefined; first = false) {
      const page = ok(await this.messages(roomId, { dir: 'f', limit: '100', ...query, ...(from && { from }) }))
      all.push(...page.chunk!)
      from = page.end
    }
    return all
  }
}

export const addCaller = async (node: ServedSlices, name: string) => new Caller(node, await addPerson(node, name))
export const addDevice = async (node: ServedSlices, name: string) => new Caller(node, await logInAgain(node, name))

/** The body of an answer that must be a good one. */
export function ok<E extends Endpoint>(answer: Answer<E>): Answer<E>['body'] {
  expect(answer).toMatchObject({ status: 200 })
  return answer.body
}

/** Status and code of a refusal. */
export const refusal = ({ status, body }: Answer) => `${status} ${body.errcode}`

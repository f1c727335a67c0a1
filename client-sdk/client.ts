import type { Endpoint, ResponseOf } from '#spec/endpoint.ts'
import type { DeviceId, RoomAlias, RoomId, ServerName, UserId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import type { CallOptions, InputOf } from './call.ts'
import { AccountClient } from './account-client.ts'
import type { DeviceNews } from './device-news.ts'
import { globalPlatform, type Platform } from './platform.ts'
import { Replica } from './replica.ts'
import type { ItemStatus, RoomSummary } from './room-summary.ts'
import type { Room } from './room.ts'
import type { Signal } from './signal.ts'
import type { OutboxError, Store } from './store/store.ts'

/**
 * How the client stands with the node.
 * - `connecting`: on the way
 * - `live`: the stream is open
 * - `polling`: long polls, as the stream cannot be had
 * - `offline`: the node does not answer; trying again
 * - `signed-out`: nobody is logged in, or the session has ended; what is stored stays until `logout()` or the login of somebody else
 */
export type Status = 'connecting' | 'live' | 'polling' | 'offline' | 'signed-out'

/** Who is logged in. */
export interface Session {
  readonly userId: UserId
  readonly deviceId: DeviceId
}

/** Something that the user sent and the node has not confirmed. */
export interface OutboxItem {
  readonly txnId: string
  readonly roomId: RoomId
  readonly type: string
  readonly content: JsonObject
  readonly createdAt: number
  readonly status: ItemStatus
  readonly error?: OutboxError | undefined
}

/** A text to agree to before registering, in one or more languages. */
export interface Terms {
  readonly id: string
  readonly version: string
  readonly names: Readonly<Record<string, { readonly name: string; readonly url: string }>>
}

/** What a form for registration has to ask. */
export interface RegistrationNeeds {
  /** False: nobody can register here. */
  readonly open: boolean
  readonly needsToken: boolean
  readonly terms: readonly Terms[]
}

/** A new account. */
export interface Registration {
  readonly username: string
  readonly password: string
  /** From an invite link. */
  readonly registrationToken?: string | undefined
  /** The user has agreed to all terms. */
  readonly acceptedTerms?: boolean | undefined
  readonly deviceName?: string | undefined
}

/** A login by password. */
export interface Login {
  /** A user id, or the first part of one. */
  readonly username: string
  readonly password: string
  readonly deviceName?: string | undefined
}

/** A person in the user directory. */
export interface FoundUser {
  readonly userId: UserId
  readonly displayName?: string | undefined
  readonly avatarUrl?: string | undefined
}

/** One account on one device. Calls that go to the node throw `CallError`. */
export interface Client {
  readonly baseUrl: string
  readonly session: Signal<Session | undefined>
  readonly status: Signal<Status>
  /** Rooms joined, invited to and knocked on; newest activity first. */
  readonly rooms: Signal<readonly RoomSummary[]>
  /** Everything that is not confirmed yet, of all rooms, oldest first. */
  readonly outbox: Signal<readonly OutboxItem[]>
  /** The handle of a room; the same one every time. */
  room(roomId: RoomId): Room
  /** Follows the node until `stop()`; does nothing while nobody is logged in. */
  start(): void
  stop(): void
  /** Tries now, and sends what waits, rather than after the present wait. */
  reconnect(): void
  registrationNeeds(): Promise<RegistrationNeeds>
  /** Throws `M_INVALID_USERNAME` for a name that nobody may have. */
  isUsernameAvailable(username: string): Promise<boolean>
  /** Registers and logs in. */
  register(registration: Registration): Promise<Session>
  login(login: Login): Promise<Session>
  /** Ends the session at the node if it can be reached, and forgets everything here in any case. */
  logout(): Promise<void>
  /** Makes a private room. */
  createGroup(group: { name: string; invitees: readonly UserId[]; topic?: string }): Promise<RoomId>
  /** The chat with this person: the existing one, or a new one. */
  createDirectChat(userId: UserId): Promise<RoomId>
  join(room: RoomId | RoomAlias, via?: readonly ServerName[]): Promise<RoomId>
  searchUsers(term: string, limit?: number): Promise<readonly FoundUser[]>
  profile(userId: UserId): Promise<FoundUser>
  setDisplayName(name: string): Promise<void>
  accountData(type: string): Signal<JsonObject | undefined>
  setAccountData(type: string, content: JsonObject): Promise<void>
  /** Calls any endpoint as this user. */
  call<E extends Endpoint>(
    endpoint: E,
    input: InputOf<E>,
    options?: Omit<CallOptions, 'accessToken'>,
  ): Promise<ResponseOf<E>>
  /** Stops, and closes the store. */
  close(): Promise<void>
}

/** How a client is made. */
export interface ClientOptions {
  /** Where the node answers, without a slash at the end: `https://home.example`. */
  readonly baseUrl: string
  readonly store: Store
  readonly platform?: Platform | undefined
  /** Hears of what should not happen: a store that cannot be written, a fault of the SDK. Without it such errors are raised. */
  readonly onProblem?: ((error: unknown) => void) | undefined
  /**
   * Hears of what concerns this device's encryption, before the answer of the node that has it is stored. What it rejects is asked for again, so
   * a message may come a second time; what it has resolved, the node forgets.
   */
  readonly onDeviceNews?: ((news: DeviceNews) => Promise<void>) | undefined
}

/** Opens the store and restores what is in it: session, rooms, queue. Nothing goes to the network yet. */
export async function createClient(options: ClientOptions): Promise<Client> {
  const { baseUrl, store, platform = globalPlatform, onProblem = raise, onDeviceNews = ignore } = options
  const replica = await Replica.open(platform, store)
  return new AccountClient(baseUrl.replace(/(?<!\/)\/+$/, ''), replica, { onProblem, onDeviceNews })
}

const ignore = (): Promise<void> => Promise.resolve()

function raise(error: unknown): never {
  throw error
}

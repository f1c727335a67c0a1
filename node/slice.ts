import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Endpoint } from '#spec/endpoint.ts'
import type { EventId, UserId } from '#spec/ids.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import type { RoomVersion } from '#spec/room/versions.ts'
import type { Deps } from '#node/deps.ts'
import type { Route } from '#node/http/route.ts'
import type { JobKind } from '#node/jobs/job-kind.ts'
import type { Write } from '#node/stream/commit.ts'

/** An event that has been judged and is about to be stored. */
export interface NewEvent {
  readonly event: RoomEvent
  readonly version: RoomVersion
  /** The state event that this one replaces. */
  readonly replaced: RoomEvent | undefined
  /** The root of the thread that the event belongs to; nothing for the main timeline. */
  readonly threadRoot: EventId | undefined
  /** The room in memory, by which a slice may remember what it knows of it: the room is another object when it is read anew. */
  readonly room: object
  /** A piece of the room's state with this event. */
  readonly piece: (type: string, stateKey: string) => Promise<RoomEvent | undefined>
}

/**
 * What a slice adds to the transaction that stores events. It is called for each event after judging and before storing, while the room waits;
 * must not fail for anything the event's sender wrote, and answers with rows only: effects that are not rows belong to listeners of the stream.
 */
export type OnEvents = (deps: Deps, added: NewEvent) => Promise<readonly Write[]> | readonly Write[]

/** A call of an endpoint that is for administrators, by one who is. */
export interface AdminCall {
  readonly userId: UserId
  readonly endpoint: Pick<Endpoint, 'method' | 'path'>
  readonly params: Readonly<Record<string, string>>
}

/** One capability of the node: what it offers to the outside and to the slices below it in the list. */
export interface Slice {
  readonly name: string
  readonly routes?: readonly Route[]
  readonly onEvents?: OnEvents
  /** Called before an administrator's call is answered: what it throws refuses the call. */
  readonly onAdminCall?: (deps: Deps, call: AdminCall) => Promise<void>
  /** Kinds of later work. The worker begins when all slices have started, and stops before they do. */
  readonly jobs?: readonly JobKind[]
  /** Called in slice order when the database is open; the answer is called in reverse order when the node stops. */
  readonly start?: (deps: Deps) => Promise<(() => Promise<void>) | void> | void
  /** Called when the node begins to stop and still answers: ends what only waits, such as long polls and open sockets. */
  readonly drain?: (deps: Deps) => void
  /** WebSocket endpoints by path. */
  readonly upgrades?: Readonly<Record<string, Upgrade>>
}

export type Upgrade = (deps: Deps, request: IncomingMessage, socket: Duplex, head: Buffer) => void

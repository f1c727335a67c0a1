import * as z from 'zod/mini'
import { filterDefinition } from '#spec/api/client/filter-definition.ts'
import type { SyncResponse } from '#spec/api/client/sync.ts'

/** Where the WebSocket is opened. README.md beside this file is the specification. */
export const streamPath = '/_hearth/client/v1/stream'

/** How long the server waits for `start`, in ms. */
export const startWithinMs = 10_000
/** How often the server sends a WebSocket ping frame, in ms; a peer that answered none since the last one is dead. */
export const pingEveryMs = 30_000
/** The largest message that the server reads, in bytes. */
export const maxInboundBytes = 65_536
/** How much may wait for a slow reader before it is closed, in bytes. */
export const maxBufferedBytes = 1_048_576

/** Why a stream was closed by the server. */
export const closeCode = {
  /** The client sent a message larger than `maxInboundBytes`. */
  tooBig: 1009,
  /** The node restarts: open again soon, after a random wait. */
  restarting: 1012,
  /** The client reads too slowly: open again with `since`. */
  tooSlow: 1013,
  /** A message was not one of those below. */
  malformed: 4400,
  /** The access token is missing, unknown or expired, or was ended while the stream was open. */
  unauthorized: 4401,
  /** No `start` came within `startWithinMs`. */
  noStart: 4408,
} as const

/** The first message of a client. Without `since` the answer is a full initial sync. */
export const startMessage = z.looseObject({
  type: z.literal('start'),
  access_token: z.string(),
  since: z.optional(z.string()),
  filter: z.optional(filterDefinition),
  set_presence: z.optional(z.enum(['offline', 'online', 'unavailable'])),
})

/** Asks for a `pong` with the same id. */
export const pingMessage = z.looseObject({ type: z.literal('ping'), id: z.int() })

/** Everything up to the frame with this `next_batch` is stored: the server need not keep what it sent to the device in it. */
export const ackMessage = z.looseObject({ type: z.literal('ack'), next_batch: z.string() })

/** Everything that a client may send. */
export const clientMessage = z.discriminatedUnion('type', [startMessage, pingMessage, ackMessage])

/** The answer to a `ping`. */
export const pongMessage = z.looseObject({ type: z.literal('pong'), id: z.int() })

/** The last frame before the server closes a stream for the client's fault; the fields are those of an HTTP error. */
export const errorMessage = z.looseObject({ type: z.literal('error'), errcode: z.string(), error: z.string() })

export type StartMessage = z.output<typeof startMessage>
export type PingMessage = z.output<typeof pingMessage>
export type AckMessage = z.output<typeof ackMessage>
export type ClientMessage = z.output<typeof clientMessage>
export type PongMessage = z.output<typeof pongMessage>
export type ErrorMessage = z.output<typeof errorMessage>
/** Everything that a server may send: a frame without `type` is the body of a `/sync` answer. */
export type ServerMessage = SyncResponse | PongMessage | ErrorMessage

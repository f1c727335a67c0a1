/*
 * What the load generator is told to do and what it found. It runs in a process of its own, the same for the node and for the limit.
 */

/** One person in one room. */
export interface Lane {
  readonly token: string
  /** As `rooms` of the plan counts them. */
  readonly room: number
  /** The path of `PUT /send`, up to the slash before the transaction id. */
  readonly path: string
}

/** A keep-alive HTTP connection that sends one message after the other, taking its lanes in turn. */
export type SenderPlan = readonly Lane[]

/** A WebSocket that follows a room. */
export interface ListenerPlan {
  /** Its first message. */
  readonly start: string
  /** The room that it hears. */
  readonly room: number
}

export interface LoadPlan {
  readonly port: number
  /** How many rooms there are. */
  readonly rooms: number
  readonly senders: readonly SenderPlan[]
  readonly listeners: readonly ListenerPlan[]
  /** How many of the listeners look into every byte; the others count bytes, and look only for the last message. */
  readonly observers: number
  /** Absent: every sender sends as soon as its last message is acknowledged. */
  readonly ratePerSecond?: number | undefined
  readonly warmUpMs: number
  readonly measureMs: number
}

/** Milliseconds. */
export interface Percentiles {
  readonly p50: number
  readonly p99: number
}

export interface LoadResult {
  readonly sent: number
  readonly seconds: number
  readonly sendsPerSecond: number
  readonly deliveriesPerSecond: number
  /** From sending to the acknowledgement; with a rate, from the moment at which it was due. */
  readonly ack: Percentiles
  /** From sending to the arrival at an observer. */
  readonly receive: Percentiles
  /** Requests that were not answered with 200. */
  readonly refused: number
  /** Messages that were acknowledged and that an observer did not get, or got twice. */
  readonly missed: number
  readonly doubled: number
  /** Listeners that were cut off, and listeners that did not get to the last message. */
  readonly closed: number
  readonly behind: number
  /** Mean size of what a listener got for one message, in bytes. */
  readonly bytesPerDelivery: number
}

/** What the generator says: when the measured time begins and ends, and at last what it found. */
export type LoadReport = { type: 'measuring' } | { type: 'measured' } | { type: 'result'; result: LoadResult }

/** Marks a message in the bytes of a frame: its number between two grave accents, which nothing else in a frame holds. */
export const mark = 0x60

/** The content of message `n`: what people write is about this long. */
export const contentOf = (n: number | string): string =>
  `{"body":"The soup is ready, and there is bread; come down before it is cold, all of you. \`${n}\`","msgtype":"m.text"}`

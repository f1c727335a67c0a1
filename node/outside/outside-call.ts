/** A call to somebody outside. */
export interface OutsideCall {
  readonly method?: 'GET' | 'POST' | 'PUT'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  /** The largest body that is read, in bytes; more is an `OutsideError` `too-large`. */
  readonly maxBytes: number
  /** A larger body is read as far as `maxBytes`, and is then an answer. */
  readonly cut?: boolean
  /** The longest that all of it may take, redirects included, in milliseconds. */
  readonly deadlineMs: number
  /** How many redirects are followed; 0 answers with the redirect itself. Only a GET is redirected. */
  readonly maxRedirects?: number
  /** The only ports that may be called. */
  readonly ports?: readonly number[]
  /**
   * An address from the administrator's own files: what is on the same server may be called, though it be in a private network. The call goes
   * there alone: it is not redirected.
   */
  readonly trustedBase?: string
  readonly signal?: AbortSignal
}

export interface OutsideAnswer {
  readonly status: number
  /** Names in small letters; of a name that comes more than once, the first value. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** Where the answer came from in the end. */
  readonly url: string
}

/** Calls somebody outside. Throws `OutsideError` when there is no answer; any status is an answer. */
export type OutsideFetch = (url: string, call: OutsideCall) => Promise<OutsideAnswer>

/**
 * Why there is no answer.
 * - `refused`: the address, scheme or port is none that may be called
 * - `unreachable`: no connection, or one that broke
 * - `too-slow`, `too-large`, `too-many-redirects`: a bound of the call
 * - `unreadable`: the body is encoded, though none was asked for
 */
export type OutsideReason = 'refused' | 'unreachable' | 'too-slow' | 'too-large' | 'too-many-redirects' | 'unreadable'

export class OutsideError extends Error {
  override readonly name = 'OutsideError'
  readonly reason: OutsideReason
  constructor(reason: OutsideReason, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

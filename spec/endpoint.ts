import type * as z from 'zod/mini'

/**
 * Who may call an endpoint.
 * - `none`: anybody
 * - `optional`: anybody; a token, if sent, must be valid
 * - `token`: a logged-in user
 * - `admin`: a logged-in user who administers this node
 */
export type Auth = 'none' | 'optional' | 'token' | 'admin'

/**
 * The bucket of the rate limiter that a call takes from; `none` is never limited.
 * `login` and `register` count by address, the others by user.
 */
export type Limit = 'none' | 'read' | 'write' | 'send' | 'login' | 'register' | 'create' | 'search' | 'report'

export type Method = 'GET' | 'PUT' | 'POST' | 'DELETE'

/** What travels: an object of JSON, or the bytes of one file, of any type and any length. */
export type Form = 'json' | 'bytes'

/** Every part of a call is an object schema; a part that is absent is an empty object. */
type Shape = z.ZodMiniType

/**
 * One endpoint of an HTTP API, whole: the node serves this value, the SDK calls it, the docs print it, the tests enumerate it.
 *
 * `path` has its parameters in braces, as the specification writes them: `/_matrix/client/v3/rooms/{roomId}/join`.
 * Path parameters arrive percent-decoded. `query` schemas see strings (or arrays of strings where a name is repeated),
 * and coerce them themselves.
 *
 * `json` says how strictly the body is read: `canonical` (integers within 2^53 only: bodies that become signed events) or
 * `any` (floats too: account data, filters). Duplicate keys, invalid UTF-8, lone surrogates, U+0000 and deep nesting are refused in both.
 *
 * `maxBodyBytes` is the largest body of JSON that is read; more is 413 M_TOO_LARGE.
 *
 * `requestBody: 'bytes'`: the body is a file; its type stands in the header Content-Type, and the node's settings say how large it may be.
 * `responseBody: 'bytes'`: success is answered with a file, or with a part of it where the header Range asks for one. Errors are JSON in every case.
 */
export interface Endpoint<
  Params extends Shape = Shape,
  Query extends Shape = Shape,
  Body extends Shape = Shape,
  Response extends Shape = Shape,
  Who extends Auth = Auth,
  Sent extends Form = Form,
  Answered extends Form = Form,
> {
  readonly method: Method
  readonly path: string
  readonly auth: Who
  readonly limit: Limit
  readonly params?: Params | undefined
  readonly query?: Query | undefined
  readonly body?: Body | undefined
  readonly response: Response
  readonly json: 'canonical' | 'any'
  readonly maxBodyBytes: number
  readonly requestBody: Sent
  readonly responseBody: Answered
  /** A user whose account is locked may call it all the same. */
  readonly whileLocked?: boolean
}

/** What may be left out of a declaration. */
interface Defaulted<Sent extends Form, Answered extends Form> {
  readonly json: 'canonical' | 'any'
  readonly maxBodyBytes: number
  readonly requestBody: Sent
  readonly responseBody: Answered
}

/** Declares an endpoint. The first line of its docstring is `METHOD /path`. Bundlers drop those that nobody uses. */
/* @__NO_SIDE_EFFECTS__ */
export function endpoint<
  P extends Shape = z.ZodMiniObject<{}>,
  Q extends Shape = z.ZodMiniObject<{}>,
  B extends Shape = z.ZodMiniObject<{}>,
  R extends Shape = z.ZodMiniObject<{}>,
  Who extends Auth = Auth,
  Sent extends Form = 'json',
  Answered extends Form = 'json',
>(
  declared: Omit<Endpoint<P, Q, B, R, Who>, keyof Defaulted<Sent, Answered>> & Partial<Defaulted<Sent, Answered>>,
): Endpoint<P, Q, B, R, Who, Sent, Answered> {
  const defaults = { json: 'canonical', maxBodyBytes: 1_048_576, requestBody: 'json', responseBody: 'json' } as const
  return { ...(defaults as Defaulted<Sent, Answered>), ...declared }
}

/** The parsed path parameters that a handler receives. */
export type ParamsOf<E> = E extends Endpoint<infer P, Shape, Shape, Shape> ? z.output<P> : never
/** The parsed query that a handler receives. */
export type QueryOf<E> = E extends Endpoint<Shape, infer Q, Shape, Shape> ? z.output<Q> : never
/** The parsed body that a handler receives. */
export type BodyOf<E> = E extends Endpoint<Shape, Shape, infer B, Shape> ? z.output<B> : never
/** What the endpoint answers with, as the caller sees it. */
export type ResponseOf<E> = E extends Endpoint<Shape, Shape, Shape, infer R> ? z.output<R> : never
/** What a caller passes in, before defaults are filled. */
export type CallInput<E> =
  E extends Endpoint<infer P, infer Q, infer B, Shape>
    ? { params?: z.input<P>; query?: z.input<Q>; body?: z.input<B> }
    : never

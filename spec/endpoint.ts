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
export type Limit = 'none' | 'read' | 'write' | 'send' | 'login' | 'register' | 'create' | 'search'

export type Method = 'GET' | 'PUT' | 'POST' | 'DELETE'

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
 * `maxBodyBytes` is the largest body read; more is 413 M_TOO_LARGE.
 */
export interface Endpoint<
  Params extends Shape = Shape,
  Query extends Shape = Shape,
  Body extends Shape = Shape,
  Response extends Shape = Shape,
  Who extends Auth = Auth,
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
}

type Declared<P extends Shape, Q extends Shape, B extends Shape, R extends Shape, Who extends Auth> = Omit<
  Endpoint<P, Q, B, R, Who>,
  'json' | 'maxBodyBytes'
> & { json?: 'canonical' | 'any'; maxBodyBytes?: number }

/** Declares an endpoint. The first line of its docstring is `METHOD /path`. Bundlers drop those that nobody uses. */
/* @__NO_SIDE_EFFECTS__ */
export function endpoint<
  P extends Shape = z.ZodMiniObject<{}>,
  Q extends Shape = z.ZodMiniObject<{}>,
  B extends Shape = z.ZodMiniObject<{}>,
  R extends Shape = z.ZodMiniObject<{}>,
  Who extends Auth = Auth,
>(declared: Declared<P, Q, B, R, Who>): Endpoint<P, Q, B, R, Who> {
  return { json: 'canonical', maxBodyBytes: 1_048_576, ...declared }
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

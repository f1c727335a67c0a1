import type { BodyOf, Endpoint, ParamsOf, QueryOf, ResponseOf } from '#spec/endpoint.ts'
import type { DeviceId, UserId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'

/** The logged-in caller. */
export interface Identity {
  readonly userId: UserId
  readonly deviceId: DeviceId
  readonly isAdmin: boolean
  /** SHA-256 of the access token, base64: names the session without revealing the token. */
  readonly tokenHash: string
}

/** One request to one endpoint, parsed and identified. */
export interface Call<E extends Endpoint = Endpoint> {
  readonly params: ParamsOf<E>
  readonly query: QueryOf<E>
  readonly body: BodyOf<E>
  readonly identity: E['auth'] extends 'token' | 'admin' ? Identity : Identity | undefined
  /** The address of the caller, as the socket has it. */
  readonly address: string
  readonly userAgent: string | undefined
  /** Aborts when the caller goes away. */
  readonly signal: AbortSignal
}

/** An answer that is JSON text already. */
export class RawJson {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export type Handler<E extends Endpoint> = (
  deps: Deps,
  call: Call<E>,
) => Promise<ResponseOf<E> | RawJson> | ResponseOf<E> | RawJson

/** An endpoint together with what answers it. */
export interface Route {
  readonly endpoint: Endpoint
  readonly handler: Handler<Endpoint>
}

export const route = <E extends Endpoint>(endpoint: E, handler: Handler<E>): Route => ({
  endpoint,
  handler: handler as unknown as Handler<Endpoint>,
})

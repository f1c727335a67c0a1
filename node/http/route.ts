import type { Readable } from 'node:stream'
import type { BodyOf, Endpoint, ParamsOf, QueryOf, ResponseOf } from '#spec/endpoint.ts'
import type { DeviceId, UserId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'

/** The logged-in caller. */
export interface Identity {
  readonly userId: UserId
  /** Empty where an application service acts without a device. */
  readonly deviceId: DeviceId
  readonly isAdmin: boolean
  /** SHA-256 of the access token, base64: names the session without revealing the token. */
  readonly tokenHash: string
  /** Given where an application service calls with its own token, for itself or as one of its users. */
  readonly appservice?: { readonly id: string; readonly isRateLimited: boolean }
}

/** One request to one endpoint, parsed and identified. */
export interface Call<E extends Endpoint = Endpoint> {
  readonly params: ParamsOf<E>
  readonly query: QueryOf<E>
  readonly body: BodyOf<E>
  /** The file that was sent, where the endpoint takes one. */
  readonly upload: E['requestBody'] extends 'bytes' ? Upload : Upload | undefined
  readonly identity: E['auth'] extends 'token' | 'admin' ? Identity : Identity | undefined
  /** The address of the caller, as the socket has it. */
  readonly address: string
  readonly userAgent: string | undefined
  /** The token as it was sent, unchecked: for endpoints that anybody may call and an application service may call for its users. */
  readonly bearer: string | undefined
  /** Aborts when the caller goes away. */
  readonly signal: AbortSignal
}

/** An answer that is JSON text already. */
export class RawJson {
  readonly text: string
  readonly status: number
  constructor(text: string, status = 200) {
    this.text = text
    this.status = status
  }
}

/** A file on its way to us. Until its bytes are read, none of them are taken from the network. */
export interface Upload {
  /** As the header says it; the caller may say anything. */
  readonly contentType: string | undefined
  /** As the header says it; absent where the file comes in chunks. */
  readonly sizeBytes: number | undefined
  /**
   * The bytes, at the pace of whoever reads them. Throws M_TOO_LARGE beyond `maxBytes`, and where the sender stalls or goes away.
   * Can be read once.
   */
  read(maxBytes: number): AsyncIterable<Buffer>
}

/** The bytes `from` to `to` of a file, the last one included. */
export interface ByteRange {
  readonly from: number
  readonly to: number
}

/** An answer that is a file. Whoever asked for a part of it, or only for its headers, or has it already, gets no more than that. */
export class FileAnswer {
  readonly headers: Readonly<Record<string, string>>
  readonly sizeBytes: number
  /** Names these very bytes. Where there is none, the file is sent whole. */
  readonly etag: string | undefined
  readonly open: (range: ByteRange) => Promise<Readable> | Readable

  constructor(file: {
    headers: Readonly<Record<string, string>>
    sizeBytes: number
    etag?: string
    open: (range: ByteRange) => Promise<Readable> | Readable
  }) {
    this.headers = file.headers
    this.sizeBytes = file.sizeBytes
    this.etag = file.etag
    this.open = file.open
  }
}

type ResultOf<E extends Endpoint> = E['responseBody'] extends 'bytes' ? FileAnswer : ResponseOf<E> | RawJson

export type Handler<E extends Endpoint> = (deps: Deps, call: Call<E>) => Promise<ResultOf<E>> | ResultOf<E>

/** An endpoint together with what answers it. */
export interface Route {
  readonly endpoint: Endpoint
  readonly handler: Handler<Endpoint>
}

export const route = <E extends Endpoint>(endpoint: E, handler: Handler<E>): Route => ({
  endpoint,
  handler: handler as unknown as Handler<Endpoint>,
})

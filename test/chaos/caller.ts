import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { pathOf, queryOf, type InputOf } from '#client-sdk/call.ts'
import type { Endpoint, ResponseOf } from '#spec/endpoint.ts'

/** What came back. */
export interface Answer<E extends Endpoint = Endpoint> {
  /** 0 where no whole answer came: nobody knows what the node made of the request. */
  readonly status: number
  /** The whole body of a 200; of any other answer whatever it holds. */
  readonly body: ResponseOf<E>
  /** What is wrong, for people. */
  readonly trouble: string
  /** No answer, or "not available at the moment": the same request may be sent again. */
  readonly mayAskAgain: boolean
}

/** A living node answers within this time, whatever it has just been through. */
const patienceMs = 30_000

class Silence extends Error {
  override readonly name = 'Silence'
  constructor() {
    super(`no answer within ${patienceMs / 1000} s`)
  }
}

/** One kept-alive connection, opened anew whenever it is lost. */
export class Caller {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  readonly #baseUrl: string
  readonly #token: string

  constructor(baseUrl: string, token: string) {
    this.#baseUrl = baseUrl
    this.#token = token
  }

  /** Never throws: trouble on the way is an answer with status 0. */
  async call<E extends Endpoint>(endpoint: E, input: InputOf<E>): Promise<Answer<E>> {
    const { body } = input as { body?: unknown }
    const sent = endpoint.method === 'GET' ? '' : JSON.stringify(body ?? {})
    const outgoing = request(this.#baseUrl + pathOf(endpoint, input) + queryOf(input), {
      agent: this.#agent,
      method: endpoint.method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(sent !== '' && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) }),
      },
    })
    outgoing.setTimeout(patienceMs, () => outgoing.destroy(new Silence()))
    try {
      const answered = answerTo(outgoing)
      outgoing.end(sent)
      const incoming = await answered
      return read<E>(incoming.statusCode!, await text(incoming))
    } catch (error) {
      const trouble = error instanceof Error ? error.message : String(error)
      return { status: 0, body: {} as ResponseOf<E>, trouble, mayAskAgain: !(error instanceof Silence) }
    }
  }

  close(): void {
    this.#agent.destroy()
  }
}

const answerTo = (outgoing: ClientRequest): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    outgoing.once('response', resolve)
    outgoing.on('error', reject)
  })

function read<E extends Endpoint>(status: number, received: string): Answer<E> {
  const body = JSON.parse(received) as ResponseOf<E>
  return { status, body, trouble: status === 200 ? '' : `${status} ${received}`, mayAskAgain: status === 503 }
}

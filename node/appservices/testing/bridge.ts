import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Endpoint } from '#spec/endpoint.ts'
import { register } from '#spec/api/client/register.ts'
import { slices } from '#node/slices.ts'
import { identifyToken } from '#node/accounts/identify-token.ts'
import { tellingAsked } from '#node/appservices/start-telling.ts'
import { lowerPasswordCost } from '#node/accounts/password.ts'
import { Talker } from '#node/sync/testing/talk.ts'
import type { Person } from '#test/people.ts'
import type { TestDatabase } from '#test/postgres.ts'
import { serveSlices, type Answer, type CallInput, type ServedSlices } from '#test/serve-slices.ts'

/** One request to an application service, as it came. */
export interface Heard {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly authorization: string | undefined
  readonly body: Body
}

export interface Told {
  readonly event_id: string
  readonly type: string
  readonly sender: string
  readonly room_id: string
  readonly state_key?: string
  readonly content: Readonly<Record<string, unknown>>
}

interface Body {
  readonly events?: readonly Told[]
  readonly ephemeral?: readonly { type: string; room_id?: string; sender?: string; content: Record<string, unknown> }[]
  readonly to_device?: readonly Record<string, unknown>[]
  readonly [name: string]: unknown
}

type Reply = (response: ServerResponse, heard: Heard) => void | Promise<void>

const fine: Reply = (response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{}')

/** An application service of its own: an HTTP server that notes what it is told. */
export class Bridge {
  readonly id: string
  readonly heard: Heard[] = []
  /** How it answers. */
  reply: Reply = fine
  readonly #server: Server
  #folder = ''

  constructor(id = 'bridge') {
    this.id = id
    this.#server = createServer((request, response) => void this.#take(request, response))
  }

  get asToken(): string {
    return `the-as-token-of-${this.id}`
  }

  get hsToken(): string {
    return `the-hs-token-of-${this.id}`
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The user that it is when it says no other. */
  get bot(): Person {
    return { userId: `@_${this.id}_bot:localhost`, deviceId: '', token: this.asToken }
  }

  /** Begins to listen, and answers the path of its registration. */
  async open(more: object = {}): Promise<string> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening')
    this.#folder = await mkdtemp(join(tmpdir(), 'hearth-bridge-'))
    const path = join(this.#folder, 'registration.yaml')
    const registration = {
      id: this.id,
      url: this.address,
      as_token: this.asToken,
      hs_token: this.hsToken,
      sender_localpart: `_${this.id}_bot`,
      rate_limited: false,
      namespaces: { users: [{ exclusive: true, regex: `@_${this.id}_.*:localhost` }] },
      ...more,
    }
    await writeFile(path, JSON.stringify(registration))
    return path
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await rm(this.#folder, { recursive: true })
  }

  fine(): void {
    this.reply = fine
  }

  get transactions(): readonly Heard[] {
    return this.heard.filter(({ path }) => path.startsWith('/_matrix/app/v1/transactions/'))
  }

  /** Everything that it was told, in the order in which it came. */
  get events(): readonly Told[] {
    return this.transactions.flatMap(({ body }) => body.events ?? [])
  }

  get ephemeral() {
    return this.transactions.flatMap(({ body }) => body.ephemeral ?? [])
  }

  /** What messages said. */
  get messages(): unknown[] {
    return this.events.filter(({ type }) => type === 'm.room.message').map(({ content }) => content['body'])
  }

  /** One of its users, registered; the bot, if no name is given. */
  async user(node: ServedSlices, name?: string): Promise<Talker> {
    const username = `_${this.id}_${name ?? 'bot'}`
    const body = { type: 'm.login.application_service', username, inhibit_login: true }
    if (name !== undefined) await node.call(register, { token: this.asToken, body })
    return new Ghost(node, { userId: `@${username}:localhost`, deviceId: '', token: this.asToken })
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const { authorization } = request.headers
    const body = (text === '' ? {} : JSON.parse(text)) as Body
    const heard = { method: request.method!, path: request.url!, authorization, body }
    this.heard.push(heard)
    await this.reply(response, heard)
  }
}

/** A user whom an application service acts as. */
class Ghost extends Talker {
  override tryTo<E extends Endpoint>(endpoint: E, input: CallInput = {}): Promise<Answer<E>> {
    return super.tryTo(endpoint, { ...input, query: { user_id: this.id, ...input.query } })
  }
}

/** A whole node with application services, by their registrations. */
export const serveBridges = (
  registrations: readonly string[],
  { database, settings }: { database?: TestDatabase; settings?: Record<string, string> } = {},
): Promise<ServedSlices> =>
  serveSlices(slices, {
    identifyToken,
    prepare: (deps) => lowerPasswordCost(deps),
    settings: { HEARTH_REGISTRATION: 'open', HEARTH_APPSERVICES: registrations.join(','), ...settings },
    ...(database && { database }),
  })

/** Resolves when the services have been told of everything, or have refused to hear it. */
export async function told(node: ServedSlices): Promise<void> {
  await node.deps.stream.idle()
  await tellingAsked(node.deps)
  await node.worker.idle()
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Endpoint } from '#spec/endpoint.ts'
import { MatrixError } from '#spec/errors.ts'
import type { Deps } from '#node/deps.ts'
import type { Slice, Upgrade } from '#node/slice.ts'
import { failure } from './fail.ts'
import { addressOf, networkOf } from './address.ts'
import { boundConnections } from './connections.ts'
import { bearerToken, identify, type IdentifyToken } from './identify.ts'
import { takeFromLimit } from './limit.ts'
import { matcherOf, type Match } from './match.ts'
import { parseBody, parseParams, parseQuery } from './parse.ts'
import { readBody } from './read-body.ts'
import { decodeSegments, queryOf, targetOf, type RequestTarget } from './request-target.ts'
import { receive } from './receive.ts'
import { FileAnswer, RawJson, type Call, type Route } from './route.ts'
import { json, preflight, refusal, send, type Answer, type Wire } from './send.ts'
import { sendFile } from './send-file.ts'

export interface ServeOptions {
  readonly slices: readonly Slice[]
  readonly identifyToken: IdentifyToken
  /** Answers whatever is no endpoint: the web app. */
  readonly elsewhere: (request: IncomingMessage) => Answer | undefined
  /** False while the node starts or stops, or its database does not answer: load balancers look elsewhere. */
  readonly isReady: () => Promise<boolean>
}

/** One request, what it is for, and where its answer goes. */
interface Exchange extends Wire {
  readonly target: RequestTarget
}

/** Turns endpoint values into an HTTP server; it does not listen yet. */
export function serve(deps: Deps, options: ServeOptions): Server {
  const match = matcherOf(options.slices.flatMap((slice) => slice.routes ?? []))
  // How long a body may take depends on what it is: `readBody` and `receive` see to it.
  const server = createServer({
    headersTimeout: 15_000,
    connectionsCheckingInterval: 5_000,
    requestTimeout: 0,
    keepAliveTimeout: 65_000,
  })
  server.maxHeadersCount = 100
  boundConnections(deps, server)
  server.on('request', (incoming, outgoing) => {
    const exchange = { incoming, outgoing, target: targetOf(incoming) }
    const found = incoming.method === 'OPTIONS' ? undefined : match(incoming.method!, exchange.target.path)
    if (found?.route) void answer(deps, options, found.route, found.params, exchange)
    else void withoutRoute(deps, options, exchange, found).then((answer) => send(deps.clock, exchange, answer))
  })
  server.on('upgrade', upgrader(deps, options.slices))
  return server
}

/** Limit, identify, parse, act, answer. */
async function answer(
  deps: Deps,
  { identifyToken, slices }: ServeOptions,
  { endpoint, handler }: Route,
  params: Match['params'],
  exchange: Exchange,
): Promise<void> {
  const { incoming, outgoing, target } = exchange
  const startedAt = deps.clock.now()
  const log = (status: number, more: object) => {
    const ms = deps.clock.now() - startedAt
    // The path as the endpoint declares it, never as it was called: ids of rooms and users are nobody's business in a log.
    deps.log.debug({ method: incoming.method, path: endpoint.path, status, ms, ...more }, 'request')
  }
  try {
    const address = addressOf(deps, incoming)
    const countsByAddress = endpoint.auth === 'none' || endpoint.auth === 'optional'
    if (countsByAddress) takeFromLimit(deps, endpoint.limit, networkOf(address))
    const identity = await identify(deps, identifyToken, endpoint, exchange)
    if (!countsByAddress && identity!.appservice?.isRateLimited !== false)
      takeFromLimit(deps, endpoint.limit, identity!.userId)
    const call = {
      params: parseParams(endpoint, decodeSegments(params)),
      query: parseQuery(endpoint, endpoint.query ? queryOf(target) : {}),
      body: takesJson(endpoint) ? parseBody(endpoint, await readBody(deps.clock, incoming, endpoint)) : {},
      upload: endpoint.requestBody === 'bytes' ? receive(deps.clock, incoming) : undefined,
      identity,
      address,
      userAgent: incoming.headers['user-agent'],
      bearer: bearerToken(incoming),
      get signal() {
        return abortedWhenGone(outgoing)
      },
    }
    if (endpoint.auth === 'admin')
      for (const slice of slices)
        await slice.onAdminCall?.(deps, { userId: identity!.userId, endpoint, params: decodeSegments(params) })
    const result = (await handler(deps, call as unknown as Call)) as unknown
    const status = await respond(deps, exchange, result)
    log(status, { user: identity?.userId })
  } catch (error) {
    const failed = failure(deps.log, error)
    send(deps.clock, exchange, refusal(failed))
    log(failed.status, { errcode: failed.body['errcode'] })
  }
}

const takesJson = ({ method, requestBody }: Endpoint) => method !== 'GET' && requestBody === 'json'

async function respond(deps: Deps, exchange: Exchange, result: unknown): Promise<number> {
  if (result instanceof FileAnswer) return sendFile(deps, exchange, result)
  const { text, status } = result instanceof RawJson ? result : new RawJson(JSON.stringify(result))
  send(deps.clock, exchange, json(text, status))
  return status
}

async function withoutRoute(
  deps: Deps,
  { isReady, elsewhere }: ServeOptions,
  { incoming, target: { path } }: Exchange,
  found: Match | undefined,
): Promise<Answer> {
  const { method } = incoming
  if (method === 'OPTIONS') return preflight
  if (found) return refusal(failure(deps.log, wrongMethod()))
  if (method === 'GET' || method === 'HEAD') {
    if (path === '/health/live') return json('{"status":"live"}')
    if (path === '/health/ready')
      return (await isReady()) ? json('{"status":"ready"}') : json('{"status":"not ready"}', 503)
  }
  const page = isApiPath(path) ? undefined : elsewhere(incoming)
  return page ?? refusal(failure(deps.log, unknownPath()))
}

const wrongMethod = () =>
  new MatrixError('M_UNRECOGNIZED', 'This path does not answer to that method.', { status: 405 })
const unknownPath = () => new MatrixError('M_UNRECOGNIZED', 'This server does not know that path.')

/** Whatever could be meant for the API is not for the web app, however it is written: a page is no answer to a program. */
const isApiPath = (path: string) => /^[/.]*((_|%5f)(matrix|hearth|synapse)|well-known|health)(?![\w-])/i.test(path)

function abortedWhenGone(outgoing: ServerResponse): AbortSignal {
  const gone = new AbortController()
  if (outgoing.destroyed) gone.abort()
  else outgoing.once('close', () => gone.abort())
  return gone.signal
}

function upgrader(
  deps: Deps,
  slices: readonly Slice[],
): Upgrade extends (deps: Deps, ...rest: infer Rest) => void ? (...rest: Rest) => void : never {
  const upgrades = new Map(slices.flatMap((slice) => Object.entries(slice.upgrades ?? {})))
  return (request, socket, head) => {
    const upgrade = upgrades.get(request.url?.split('?')[0] ?? '')
    if (upgrade) upgrade(deps, request, socket, head)
    else socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
  }
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { Hono, type Context } from 'hono'
import type { Endpoint } from '#spec/endpoint.ts'
import { MatrixError } from '#spec/errors.ts'
import type { Deps } from '#node/deps.ts'
import type { Slice, Upgrade } from '#node/slice.ts'
import { failure, type Failure } from './fail.ts'
import { addressOf, identify, type IdentifyToken } from './identify.ts'
import { takeFromLimit } from './limit.ts'
import { parseBody, parseParams, parseQuery } from './parse.ts'
import { readBody } from './read-body.ts'
import { checkEncoding, queryOf, targetOf } from './request-target.ts'
import { RawJson, type Call, type Route } from './route.ts'

type Env = { Bindings: { incoming: IncomingMessage; outgoing: ServerResponse } }

/** Browsers on any origin may call: the API is protected by bearer tokens, never by cookies. */
const corsHeaders = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, POST, PUT, DELETE, OPTIONS',
  'access-control-allow-headers': 'X-Requested-With, Content-Type, Authorization',
}
const jsonHeaders = { ...corsHeaders, 'content-type': 'application/json', 'cache-control': 'no-store' }

export interface ServeOptions {
  readonly slices: readonly Slice[]
  readonly identifyToken: IdentifyToken
  /** Answers whatever is no endpoint: the web app. */
  readonly elsewhere: (request: IncomingMessage) => Response | Promise<Response> | undefined
  /** False while the node starts or stops: load balancers look elsewhere. */
  readonly isReady: () => boolean
}

/** Turns endpoint values into an HTTP server; it does not listen yet. */
export function serve(deps: Deps, options: ServeOptions): Server {
  // The router sees the path as it was sent. Left to itself it would decode some of it, and take `/a/../b` for `/b`.
  const app = new Hono<Env>({ getPath: (_, sent) => targetOf(sent!.env!.incoming).path })
  const routes = options.slices.flatMap((slice) => slice.routes ?? [])
  app.options('*', (c) => c.body(null, 204, corsHeaders))
  app.get('/health/live', (c) => c.json({ status: 'live' }))
  app.get('/health/ready', (c) =>
    options.isReady() ? c.json({ status: 'ready' }) : c.json({ status: 'not ready' }, 503),
  )
  for (const r of routes)
    app.on(r.endpoint.method, honoPath(r.endpoint), (c) => answer(deps, options.identifyToken, r, c))
  for (const path of new Set(routes.map((r) => honoPath(r.endpoint))))
    app.all(path, (c) => refuse(deps, c, wrongMethod()))
  app.all('*', async (c) => (await elsewhere(options, c)) ?? refuse(deps, c, unknownPath()))
  app.onError((error, c) => refuse(deps, c, error))

  const server = createServer({ headersTimeout: 15_000, requestTimeout: 60_000, keepAliveTimeout: 65_000 })
  server.maxHeadersCount = 100
  const listener = getRequestListener(app.fetch, {
    hostname: 'localhost',
    errorHandler: (error) => jsonResponse(failure(deps.log, isUnreadable(error) ? unreadable() : error)),
  })
  server.on('request', (incoming, outgoing) => void listener(incoming, outgoing))
  server.on('upgrade', upgrader(deps, options.slices))
  return server
}

const honoPath = (endpoint: Endpoint) => endpoint.path.replace(/\{(\w+)\}/g, ':$1')
const wrongMethod = () =>
  new MatrixError('M_UNRECOGNIZED', 'This path does not answer to that method.', { status: 405 })
const unknownPath = () => new MatrixError('M_UNRECOGNIZED', 'This server does not know that path.')
const unreadable = () => new MatrixError('M_INVALID_PARAM', 'The address or the Host header cannot be understood.')
/** What @hono/node-server throws before it asks the router. */
const isUnreadable = (error: unknown) => error instanceof Error && error.name === 'RequestError'

/** Match, limit, identify, parse, act, answer. */
async function answer(deps: Deps, identifyToken: IdentifyToken, r: Route, c: Context<Env>): Promise<Response> {
  const startedAt = deps.clock.now()
  const { incoming, outgoing } = c.env
  const { endpoint } = r
  try {
    const address = addressOf(incoming)
    const countsByAddress = endpoint.auth === 'none' || endpoint.auth === 'optional'
    if (countsByAddress) takeFromLimit(deps, endpoint.limit, address)
    const identity = await identify(deps, identifyToken, endpoint.auth, incoming)
    if (!countsByAddress) takeFromLimit(deps, endpoint.limit, identity!.userId)
    const target = targetOf(incoming)
    checkEncoding(target.path)
    const call = {
      params: parseParams(endpoint, endpoint.params ? c.req.param() : {}),
      query: parseQuery(endpoint, endpoint.query ? queryOf(target) : {}),
      body: endpoint.method === 'GET' ? {} : parseBody(endpoint, await readBody(incoming, endpoint)),
      identity,
      address,
      userAgent: incoming.headers['user-agent'],
      get signal() {
        return abortedWhenGone(outgoing)
      },
    }
    const result = await r.handler(deps, call as unknown as Call)
    const text = result instanceof RawJson ? result.text : JSON.stringify(result)
    logRequest(deps, c, endpoint, 200, startedAt, identity?.userId)
    return c.body(text, 200, jsonHeaders)
  } catch (error) {
    return refuse(deps, c, error, endpoint, startedAt)
  }
}

function refuse(deps: Deps, c: Context<Env>, error: unknown, endpoint?: Endpoint, startedAt?: number): Response {
  const failed = failure(deps.log, error)
  logRequest(deps, c, endpoint, failed.status, startedAt, undefined, failed.body['errcode'])
  return jsonResponse(failed)
}

function jsonResponse({ status, body, retryAfterSeconds }: Failure): Response {
  const headers =
    retryAfterSeconds === undefined ? jsonHeaders : { ...jsonHeaders, 'retry-after': String(retryAfterSeconds) }
  return new Response(JSON.stringify(body), { status, headers })
}

/** The path as the endpoint declares it, never as it was called: ids of rooms and users are nobody's business in a log. */
function logRequest(
  deps: Deps,
  c: Context<Env>,
  endpoint: Endpoint | undefined,
  status: number,
  startedAt?: number,
  user?: string,
  errcode?: unknown,
): void {
  const ms = startedAt === undefined ? undefined : deps.clock.now() - startedAt
  deps.log.debug({ method: c.req.method, path: endpoint?.path ?? 'unknown', status, ms, user, errcode }, 'request')
}

function abortedWhenGone(outgoing: ServerResponse): AbortSignal {
  const gone = new AbortController()
  if (outgoing.destroyed) gone.abort()
  else outgoing.once('close', () => gone.abort())
  return gone.signal
}

/** Whatever could be meant for the API is not for the web app, however it is written: a page is no answer to a program. */
const isApiPath = (path: string) => /^[/.]*((_|%5f)(matrix|hearth|synapse)|well-known|health)(?![\w-])/i.test(path)

async function elsewhere(options: ServeOptions, c: Context<Env>): Promise<Response | undefined> {
  if (isApiPath(c.req.path)) return undefined
  return options.elsewhere(c.env.incoming)
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

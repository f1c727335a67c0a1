import { request, type Agent, type Dispatcher } from 'undici'
import type { Config } from '#node/config.ts'
import type { Clock } from '#node/deps.ts'
import { openAddresses } from './addresses.ts'
import { guardedAgent, systemResolve, type Resolve } from './guarded-agent.ts'
import { OutsideError, type OutsideAnswer, type OutsideCall, type OutsideFetch } from './outside-call.ts'

/** The one way to call somebody outside: addresses, ports, redirects, sizes and time are bounded. */
export function outsideFetch(
  config: Pick<Config, 'allowAddresses'>,
  clock: Clock,
  resolve: Resolve = systemResolve,
): { fetch: OutsideFetch; close: () => Promise<void> } {
  const agent = guardedAgent(openAddresses(config.allowAddresses), resolve)
  const trusting = guardedAgent(() => true, resolve)
  return {
    fetch: (url, call) => withDeadline(call.trustedBase === undefined ? agent : trusting, clock, url, call),
    close: async () => void (await Promise.all([agent.destroy(), trusting.destroy()])),
  }
}

async function withDeadline(agent: Agent, clock: Clock, url: string, call: OutsideCall): Promise<OutsideAnswer> {
  const late = new AbortController()
  const cancel = clock.after(call.deadlineMs, () =>
    late.abort(new OutsideError('too-slow', 'There was no answer in time.')),
  )
  const signal = call.signal ? AbortSignal.any([call.signal, late.signal]) : late.signal
  try {
    return await follow(agent, url, call, signal)
  } catch (error) {
    throw outsideError(late.signal.aborted ? late.signal.reason : error)
  } finally {
    cancel()
  }
}

async function follow(agent: Agent, url: string, call: OutsideCall, signal: AbortSignal): Promise<OutsideAnswer> {
  const { maxRedirects = 0 } = call
  let { headers = {} } = call
  let target = checkedTarget(url, call)
  for (let redirects = 0; ; redirects++) {
    const answer = await callOnce(agent, target, { ...call, headers }, signal)
    const next = redirectOf(answer, target)
    const isFinal = maxRedirects === 0 || call.trustedBase !== undefined || (call.method ?? 'GET') !== 'GET'
    if (next === undefined || isFinal) return answer
    if (redirects === maxRedirects) throw new OutsideError('too-many-redirects', 'There are too many redirects.')
    // What was meant for one server is not shown to another.
    if (next.origin !== target.origin) headers = {}
    target = checkedTarget(next.href, call)
  }
}

function checkedTarget(url: string, { ports, trustedBase }: OutsideCall): URL {
  const target = URL.parse(url)
  if (target === null || !/^https?:$/.test(target.protocol) || target.username !== '' || target.password !== '')
    throw new OutsideError('refused', 'This is not an address of the web.')
  if (trustedBase !== undefined && URL.parse(trustedBase)?.origin !== target.origin)
    throw new OutsideError('refused', 'This is not the server that may be called.')
  const port = Number(target.port || (target.protocol === 'https:' ? 443 : 80))
  if (ports && !ports.includes(port)) throw new OutsideError('refused', `Port ${port} may not be called.`)
  return target
}

function redirectOf({ status, headers }: OutsideAnswer, from: URL): URL | undefined {
  const location = headers['location']
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return undefined
  return URL.parse(location, from) ?? undefined
}

async function callOnce(agent: Agent, target: URL, call: OutsideCall, signal: AbortSignal): Promise<OutsideAnswer> {
  const { method = 'GET', headers, body } = call
  const answer = await request(target, {
    dispatcher: agent,
    method,
    // Whatever a body unpacks to would have to be bounded too.
    headers: { 'user-agent': 'Hearth', ...headers, 'accept-encoding': 'identity' },
    ...(body !== undefined && { body }),
    signal,
  })
  const named = namedOnce(answer.headers)
  const encoding = named['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') {
    drop(answer.body)
    throw new OutsideError('unreadable', `The answer came encoded as ${encoding.slice(0, 50)}.`)
  }
  return { status: answer.statusCode, headers: named, body: await readAtMost(answer, call), url: target.href }
}

/** A body that is given up says so as an error, to nobody. */
function drop(body: Dispatcher.ResponseData['body']): void {
  body.on('error', () => undefined)
  body.destroy()
}

function namedOnce(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  const entries = Object.entries(headers).map(
    ([name, value]) => [name, Array.isArray(value) ? value[0] : value] as const,
  )
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined))
}

async function readAtMost(
  { body, headers }: Dispatcher.ResponseData,
  { maxBytes, cut = false }: OutsideCall,
): Promise<Buffer> {
  const tooLarge = () => new OutsideError('too-large', `The answer is larger than ${maxBytes} bytes.`)
  if (!cut && Number(headers['content-length'] ?? 0) > maxBytes) {
    drop(body)
    throw tooLarge()
  }
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length
    chunks.push(chunk)
    // Leaving the loop ends the connection.
    if (length > maxBytes && !cut) throw tooLarge()
    if (length > maxBytes) break
  }
  return Buffer.concat(chunks).subarray(0, maxBytes)
}

/** Whoever called hears of one kind of error only, and of nothing that only undici knows. */
function outsideError(error: unknown): unknown {
  for (let at: unknown = error; at instanceof Error; at = at.cause) if (at instanceof OutsideError) return at
  if (error instanceof AggregateError) {
    const inner = error.errors.find((one) => one instanceof OutsideError)
    if (inner) return inner
  }
  if (error instanceof Error && error.name === 'AbortError') return error
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
  return new OutsideError('unreachable', `It could not be reached${code}.`, { cause: error })
}

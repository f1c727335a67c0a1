import * as z from 'zod/mini'
import { location, thirdPartyProtocol, user } from '#spec/api/client/third-party-lookup.ts'
import { notFound } from '#spec/errors.ts'
import { parseJson } from '#spec/json.ts'
import { callAppservice } from '#node/accounts/appservices/call-appservice.ts'
import type { Appservice } from '#node/accounts/appservices/registration.ts'
import { perNode, type Deps } from '#node/deps.ts'
import { called } from './attention.ts'

const deadlineMs = 5_000
const maxBytes = 262_144
/** A protocol is described anew so often; a service that could not, is asked again sooner. */
const describedMs = 300_000
const missedMs = 30_000
const mostFound = 500

type Protocol = z.output<typeof thirdPartyProtocol>
type Fields = Readonly<Record<string, unknown>>

/** How a service describes a protocol, and until when that is taken as known. */
const describedOf = perNode(
  () => new Map<string, { readonly until: number; readonly is: Promise<Protocol | undefined> }>(),
)

const described = z.looseObject({
  ...thirdPartyProtocol.shape,
  instances: z.optional(thirdPartyProtocol.shape.instances),
})

/** Every network that services of this server reach. */
export async function listProtocols(deps: Deps): Promise<Record<string, Protocol>> {
  const names = [...new Set(called(deps).flatMap(({ protocols }) => protocols))]
  const found = await Promise.all(names.map(async (name) => [name, await mergedProtocol(deps, name)] as const))
  return Object.fromEntries(found.filter((entry): entry is [string, Protocol] => entry[1] !== undefined))
}

/** One network. Throws M_NOT_FOUND. */
export async function readProtocol(deps: Deps, name: string): Promise<Protocol> {
  const protocol = await mergedProtocol(deps, name)
  if (protocol === undefined) throw unknownNetwork()
  return protocol
}

const unknownNetwork = () => notFound('This server does not know that network.')

/** Of several services that reach one network the first describes it, and all tell of their instances. */
async function mergedProtocol(deps: Deps, name: string): Promise<Protocol | undefined> {
  const all = await Promise.all(servicesOf(deps, name).map((one) => describe(deps, one, name)))
  const [first, ...others] = all.filter((one) => one !== undefined)
  if (first === undefined) return undefined
  return { ...first, instances: [first, ...others].flatMap(({ instances }) => instances) }
}

const servicesOf = (deps: Deps, name: string): Appservice[] =>
  called(deps).filter(({ protocols }) => protocols.includes(name))

async function describe(deps: Deps, one: Appservice, name: string): Promise<Protocol | undefined> {
  const known = describedOf(deps)
  const key = JSON.stringify([one.id, name])
  const now = deps.clock.now()
  const found = known.get(key)
  if (found !== undefined && found.until > now) return found.is
  const is = askOne(deps, one, `thirdparty/protocol/${encodeURIComponent(name)}`, described).then((answer) => {
    if (answer === undefined) known.set(key, { until: deps.clock.now() + missedMs, is })
    return answer && withInstanceIds(one, answer)
  })
  known.set(key, { until: now + describedMs, is })
  return is
}

/** By `instance_id` a client asks for the rooms of a network in the directory: the id that the service gives is its own matter. */
const withInstanceIds = (one: Appservice, protocol: z.output<typeof described>): Protocol => ({
  ...protocol,
  instances: (protocol.instances ?? []).map((instance) => ({
    ...instance,
    instance_id: `${one.id}|${instance.network_id}`,
  })),
})

/** Places of a network, by what a client knows of them. Throws M_NOT_FOUND for a network that is not known. */
export const findLocations = (deps: Deps, name: string, fields: Fields) =>
  find(deps, requireServices(deps, name), `thirdparty/location/${encodeURIComponent(name)}`, fields, location)

/** Somebody of a network, by what a client knows of them. Throws M_NOT_FOUND for a network that is not known. */
export const findUsers = (deps: Deps, name: string, fields: Fields) =>
  find(deps, requireServices(deps, name), `thirdparty/user/${encodeURIComponent(name)}`, fields, user)

export const findLocationsOfAlias = (deps: Deps, alias: string) =>
  find(deps, bridging(deps), 'thirdparty/location', { alias }, location)

export const findUsersOfUser = (deps: Deps, userid: string) =>
  find(deps, bridging(deps), 'thirdparty/user', { userid }, user)

const bridging = (deps: Deps): Appservice[] => called(deps).filter(({ protocols }) => protocols.length > 0)

function requireServices(deps: Deps, name: string): Appservice[] {
  const services = servicesOf(deps, name)
  if (services.length === 0) throw unknownNetwork()
  return services
}

/** What all of these services find; one that does not answer, or answers nonsense, has found nothing. */
async function find<T extends z.ZodMiniType>(
  deps: Deps,
  services: readonly Appservice[],
  path: string,
  fields: Fields,
  form: T,
): Promise<z.output<T>[]> {
  const query = new URLSearchParams(
    Object.entries(fields).flatMap(([name, value]) =>
      typeof value === 'string' && !isOurs(name) ? [[name, value]] : [],
    ),
  )
  const found = await Promise.all(services.map((one) => askOne(deps, one, `${path}?${query}`, z.array(form))))
  return found.flatMap((list) => list ?? []).slice(0, mostFound)
}

/** What a request says of its sender is not for the service. */
const isOurs = (name: string): boolean =>
  /^(access_token|user_id|device_id|org\.matrix\.msc3202\.device_id)$/.test(name)

async function askOne<T extends z.ZodMiniType>(
  deps: Deps,
  one: Appservice,
  path: string,
  form: T,
): Promise<z.output<T> | undefined> {
  try {
    const call = { method: 'GET', path, deadlineMs, maxBytes, whole: true } as const
    const { status, body } = await callAppservice(deps, one, call)
    if (status === 404) return undefined
    if (status !== 200) throw new Error(`It answered ${status}.`)
    return form.parse(parseJson(body.toString('utf8'), { numbers: 'any' }))
  } catch (error) {
    deps.log.warn({ err: error, appservice: one.id }, 'application service not asked')
    return undefined
  }
}

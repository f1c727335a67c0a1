import { MatrixError } from '#spec/errors.ts'
import { serverOf, type RoomAlias, type UserId } from '#spec/ids.ts'
import { perNode, type Deps } from '#node/deps.ts'
import { OutsideError } from '#node/outside/outside-call.ts'
import { accountIsActive } from '../store.ts'
import { appservicesOf, isInterestedInAlias, isInterestedInUser } from './appservices.ts'
import { callAppservice } from './call-appservice.ts'
import type { Appservice } from './registration.ts'

const deadlineMs = 10_000
const mostAttempts = 3
/** What was not there a moment ago is not asked for again. */
const rememberedMs = 10_000
const mostRemembered = 1_000

/** Questions under way, and when it was last answered that there is no such thing. */
const asksOf = perNode(() => ({ asking: new Map<string, Promise<boolean>>(), absent: new Map<string, number>() }))

/**
 * Asks the application service to whose namespace a user of this server belongs to make them; true if they are there then. Throws 408 where it does
 * not answer. Application Service API, "Querying".
 */
export async function askForUser(deps: Deps, userId: UserId): Promise<boolean> {
  if (serverOf(userId) !== deps.config.serverName) return false
  const one = appservicesOf(deps).find((each) => each.url !== undefined && isInterestedInUser(each, userId))
  if (one === undefined || !(await ask(deps, one, `users/${encodeURIComponent(userId)}`))) return false
  return accountIsActive(deps.sql, userId)
}

/** The same for an alias; true if the service says that it is there. */
export async function askForAlias(deps: Deps, alias: RoomAlias): Promise<boolean> {
  if (serverOf(alias) !== deps.config.serverName) return false
  const one = appservicesOf(deps).find((each) => each.url !== undefined && isInterestedInAlias(each, alias))
  return one !== undefined && ask(deps, one, `rooms/${encodeURIComponent(alias)}`)
}

/** Many that want to know the same at once are one question. */
async function ask(deps: Deps, one: Appservice, path: string): Promise<boolean> {
  const { asking, absent } = asksOf(deps)
  const key = `${one.tokenHash} ${path}`
  if ((absent.get(key) ?? -Infinity) > deps.clock.now() - rememberedMs) return false
  const known = asking.get(key)
  if (known !== undefined) return known
  const question = askOnce(deps, one, path).finally(() => asking.delete(key))
  asking.set(key, question)
  const isThere = await question
  absent.delete(key)
  if (!isThere) absent.set(key, deps.clock.now())
  if (absent.size > mostRemembered) absent.delete(absent.keys().next().value!)
  return isThere
}

/** Whoever is out of reach or broken is tried again, for as long as one question may take. */
async function askOnce(deps: Deps, one: Appservice, path: string): Promise<boolean> {
  const endsAt = deps.clock.now() + deadlineMs
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const leftMs = endsAt - deps.clock.now()
    if (leftMs <= 0) break
    const status = await statusOf(deps, one, path, leftMs)
    if (status === 200) return true
    if (status !== undefined && status < 500) return false
  }
  throw new MatrixError('M_UNKNOWN', 'The bridge to which this name belongs does not answer.', { status: 408 })
}

async function statusOf(deps: Deps, one: Appservice, path: string, leftMs: number): Promise<number | undefined> {
  try {
    return (await callAppservice(deps, one, { method: 'GET', path, deadlineMs: leftMs, maxBytes: 1_024 })).status
  } catch (error) {
    if (error instanceof OutsideError) return undefined
    throw error
  }
}

import { mayActAs } from '#node/accounts/appservices/appservices.ts'
import type { Appservice } from '#node/accounts/appservices/registration.ts'
import { transaction } from '#node/db/transaction.ts'
import { perNode, type Deps } from '#node/deps.ts'
import { enqueueAlone } from '#node/jobs/enqueue.ts'
import { attentionOf, called, note, noteMember } from './attention.ts'
import * as store from './store.ts'
import { tellJob } from './tell-job.ts'

/** Jobs that have been asked for and have not begun. */
const askedOf = perNode(() => new Map<string, Promise<void>>())

/** Resolves when everything that was committed so far is known to the jobs. */
export const tellingAsked = async (deps: Deps): Promise<void> => void (await Promise.all(askedOf(deps).values()))

/** Begins to tell services what concerns them, each from where it stands. */
export async function startTelling(deps: Deps): Promise<() => Promise<void>> {
  const services = called(deps)
  if (services.length === 0) return async () => undefined
  const attention = attentionOf(deps)
  await settle(deps, services)
  for (const open of await store.readOpenRooms(deps.sql)) noteMember(attention, open)
  const asking = askedOf(deps)
  const ask = (id: string) => {
    if (asking.has(id)) return
    // Nothing is lost if this fails: where a service stands is stored, and the next news, or the next start, asks again.
    const asked = enqueueAlone(deps, tellJob, { id }, { key: id, lane: id })
      .catch((error: unknown) => deps.log.warn({ err: error, appservice: id }, 'application service not told'))
      .finally(() => asking.delete(id))
    asking.set(id, asked)
  }
  const end = deps.stream.onCommit(({ facts }) => {
    const concerned = new Set(facts.flatMap((fact) => note(attention, services, fact)))
    for (const id of concerned) ask(id)
  })
  for (const { id } of services) ask(id)
  return async () => {
    end()
    await Promise.all(asking.values())
  }
}

/** Registrations may have changed while the node was away: a service is told of new users of its own from now on. */
async function settle(deps: Deps, services: readonly Appservice[]): Promise<void> {
  const users = (await store.readJoinedUsers(deps.sql)).map(({ userId }) => userId)
  const { head } = deps.stream
  await transaction(deps.sql, async (tx) => {
    const ids = services.map(({ id }) => id)
    await store.beginProgress(tx, ids, head)
    for (const one of services)
      await store.settleSpans(
        tx,
        one.id,
        users.filter((userId) => mayActAs(one, userId)),
        head,
      )
  })
}

import type { DeviceId, UserId } from '#spec/ids.ts'
import { appservicesOf } from '#node/accounts/appservices/appservices.ts'
import { callAppservice } from '#node/accounts/appservices/call-appservice.ts'
import type { Appservice } from '#node/accounts/appservices/registration.ts'
import { transaction, type Tx } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { doubling } from '#node/jobs/backoff.ts'
import { jobKind, type Attempt, type Outcome } from '#node/jobs/job-kind.ts'
import { deleteTold } from '#node/to-device/store.ts'
import { gather, isNothing } from './gather.ts'
import * as store from './store.ts'
import { transactionBody } from './transaction-body.ts'

/** Positions that are looked through at once. */
const pieceSize = 5_000
const deadlineMs = 60_000
/** Then other jobs have a turn. */
const mostAtOnce = 50

/** Tells an application service what concerns it, from where it stands to the end of the log. Application Service API, "Pushing events". */
export const tellJob = jobKind<{ id: string }>('appservice', run, {
  backoff: doubling(1_000, 300_000),
  leaseMs: 600_000,
})

/**
 * One transaction after the other. Each is stored with its id before it is sent, and what was stored is what is sent, however often that takes: so
 * the service can tell a repetition. Its position moves when it has taken it, in one with what that makes superfluous.
 */
async function run(deps: Deps, { id }: { id: string }, { signal }: Attempt): Promise<Outcome> {
  const one = appservicesOf(deps).find((service) => service.id === id && service.url !== undefined)
  if (one === undefined) return
  for (let sent = 0; sent < mostAtOnce; sent++) {
    const pending = (await store.readProgress(deps.sql, id)).pending ?? (await prepare(deps, one))
    if (pending === undefined) return
    await send(deps, one, pending, signal)
    await transaction(deps.sql, (tx) => settle(tx, id, pending))
  }
  return { againAt: deps.clock.now() }
}

/** The next transaction, stored; nothing if there is none. */
async function prepare(deps: Deps, one: Appservice): Promise<store.Pending | undefined> {
  const { position } = await store.readProgress(deps.sql, one.id)
  const { head } = deps.stream
  let after = position
  while (after < head) {
    const news = await gather(deps, one, after, Math.min(head, after + pieceSize))
    if (!isNothing(news)) {
      const body = await transactionBody(deps, one, news)
      // Never one that was used before: not even by a database that has since been restored from a copy.
      const txnId = Buffer.from(deps.random.bytes(18)).toString('base64url')
      const pending = { txnId, body, upTo: news.upTo }
      await transaction(deps.sql, (tx) => store.setPending(tx, one.id, pending))
      return pending
    }
    after = news.upTo
  }
  if (after > position) await transaction(deps.sql, (tx) => store.setPosition(tx, one.id, after))
  return undefined
}

/** The service has taken it. */
async function settle(tx: Tx, id: string, { body, upTo }: store.Pending): Promise<void> {
  const { to_device: letters = [] } = JSON.parse(body) as {
    to_device?: { to_user_id: UserId; to_device_id: DeviceId }[]
  }
  const devices = letters.map((letter) => ({ userId: letter.to_user_id, deviceId: letter.to_device_id }))
  const { position: after } = await store.readProgress(tx, id)
  if (devices.length > 0) await deleteTold(tx, devices, { after, upTo })
  await store.setPosition(tx, id, upTo)
}

async function send(deps: Deps, one: Appservice, { txnId, body }: store.Pending, signal: AbortSignal): Promise<void> {
  const path = `transactions/${txnId}`
  const { status } = await callAppservice(deps, one, { method: 'PUT', path, body, deadlineMs, maxBytes: 1_024, signal })
  if (status !== 200) throw new Error(`The application service answered ${status}.`)
}

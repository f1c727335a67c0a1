import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { doubling } from '#node/jobs/backoff.ts'
import { jobKind, type Attempt } from '#node/jobs/job-kind.ts'
import { readNotified, type Notified } from '../notified.ts'
import { readJoinedRooms } from '../store.ts'
import { unreadAt } from '../unread.ts'
import { callGateway } from './call-gateway.ts'
import * as store from './store.ts'

const atOnce = 50
/** What is older than this when its gateway answers at last is no news. */
const longestDelayMs = 86_400_000

/** Pushes to one gateway what one person has been notified of since last time, and how much is unread. */
export const pushJob = jobKind<store.PusherKey>('push', run, { backoff: doubling(5_000, 3_600_000), leaseMs: 300_000 })

/**
 * 1. One notification after the other; after each, the pusher's position moves, so that what was pushed is not pushed again after a restart.
 * 2. When all is told and the count of unread messages is another than the gateway knows, it is told that.
 */
async function run(deps: Deps, key: store.PusherKey, { signal }: Attempt): Promise<void> {
  for (;;) {
    const pusher = await store.readPusher(deps.sql, key)
    if (pusher === undefined || !pusher.enabled) return
    const upTo = deps.stream.head
    const range = { after: pusher.position, before: upTo + 1, limit: atOnce, newestFirst: false }
    const { found, rows } = await readNotified(deps, key.userId, range)
    const unread = await countUnread(deps, key, upTo)
    const due = found.filter((one) => isDue(deps, one))
    for (const one of due) if (!(await tell(deps, pusher, { one, unread, position: one.position, signal }))) return
    const position = rows.length < atOnce ? upTo : rows.at(-1)!.position
    if (rows.length < atOnce) {
      const isKnown = due.length > 0 || unread === pusher.badge
      if (isKnown) await transaction(deps.sql, (tx) => store.setProgress(tx, key, position, unread))
      else await tell(deps, pusher, { one: undefined, unread, position, signal })
      return
    }
    await transaction(deps.sql, (tx) => store.setProgress(tx, key, position, pusher.badge))
  }
}

const isDue = (deps: Deps, { isRead, event }: Notified): boolean =>
  !isRead && event.originServerTs > deps.clock.now() - longestDelayMs

interface News {
  readonly one: Notified | undefined
  readonly unread: number
  /** Where the pusher stands when this has been told. */
  readonly position: number
  readonly signal: AbortSignal
}

/** False if the gateway does not want this pushkey any more: the pusher is gone then. */
async function tell(deps: Deps, pusher: store.StoredPusher, { one, unread, position, signal }: News): Promise<boolean> {
  const rejected = await callGateway(deps, pusher, { one, unread, signal })
  await transaction(deps.sql, (tx) =>
    rejected ? store.deletePusher(tx, pusher) : store.setProgress(tx, pusher, position, unread),
  )
  return !rejected
}

async function countUnread(deps: Deps, { userId }: store.PusherKey, upTo: number): Promise<number> {
  const rooms = await readJoinedRooms(deps.sql, userId)
  const places = rooms.map(({ roomId }) => ({ userId, roomId }))
  const counts = (await unreadAt(deps.sql, places, upTo)).flatMap(({ threads }) => [...threads.values()])
  return Math.max(
    0,
    counts.reduce((total, { notified }) => total + notified, 0),
  )
}

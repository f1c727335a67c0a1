import { forbidden, limitExceeded } from '#spec/errors.ts'
import type { UserId } from '#spec/ids.ts'
import type { Read } from '#node/db/transaction.ts'
import { perNode, type Deps } from '#node/deps.ts'
import * as store from './store.ts'

const dayMs = 86_400_000
/** Far more than anybody takes pictures, far less than it takes to fill a disk with names. */
export const maxFilesPerDay = 5_000
/** A person's devices send several files at once; whoever sends more waits. */
export const maxUploadsAtOnce = 10

/** Throws M_FORBIDDEN if this user may not keep `more` bytes as a further file. */
export async function checkQuota({ config, clock }: Deps, sql: Read, userId: UserId, more: number): Promise<void> {
  const usage = await store.readUsage(sql, userId, clock.now() - dayMs)
  if (usage.bytes + more > config.mediaQuotaBytes)
    throw forbidden('Your share of space for files on this server is used up.')
  if (usage.recentBytes + more > config.mediaDailyBytes || usage.recentFiles >= maxFilesPerDay)
    throw forbidden('You have uploaded as much as this server takes from one person in a day. Please go on tomorrow.')
}

const underWayOf = perNode(() => new Map<UserId, number>())

/** Runs an upload, unless too many of this user are under way. */
export async function oneOfFew<T>(deps: Deps, userId: UserId, upload: () => Promise<T>): Promise<T> {
  const underWay = underWayOf(deps)
  const count = underWay.get(userId) ?? 0
  if (count >= maxUploadsAtOnce) throw limitExceeded(1_000)
  underWay.set(userId, count + 1)
  try {
    return await upload()
  } finally {
    const left = underWay.get(userId)! - 1
    if (left > 0) underWay.set(userId, left)
    else underWay.delete(userId)
  }
}

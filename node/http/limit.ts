import type { Limit } from '#spec/endpoint.ts'
import { limitExceeded } from '#spec/errors.ts'
import { perNode, type Deps } from '#node/deps.ts'

/** A bucket holds `burst` calls and refills at `perSecond`. */
interface Rate {
  readonly burst: number
  readonly perSecond: number
}

/** Wide enough for a person with several devices, and for a client that restarts; far too narrow for a flood. */
const rates: Readonly<Record<Exclude<Limit, 'none'>, Rate>> = {
  read: { burst: 300, perSecond: 50 },
  write: { burst: 100, perSecond: 10 },
  send: { burst: 60, perSecond: 10 },
  create: { burst: 20, perSecond: 0.2 },
  report: { burst: 20, perSecond: 0.02 },
  search: { burst: 30, perSecond: 3 },
  login: { burst: 20, perSecond: 0.2 },
  register: { burst: 20, perSecond: 0.1 },
}

interface Bucket {
  tokens: number
  filledAt: number
}

interface Buckets {
  readonly byCaller: Map<string, Bucket>
  /** Beyond this many buckets the full ones are dropped: a full bucket says no more than an absent one. */
  sweepAt: number
}

const fewest = 10_000
const bucketsOf = perNode<Buckets>(() => ({ byCaller: new Map(), sweepAt: fewest }))

/** Takes one call from the bucket of this limit and caller, or throws M_LIMIT_EXCEEDED with the time to wait. */
export function takeFromLimit(deps: Deps, limit: Limit, who: string): void {
  if (limit === 'none' || !deps.config.rateLimits) return
  const rate = rates[limit]
  const buckets = bucketsOf(deps)
  const now = deps.clock.now()
  const key = `${limit} ${who}`
  const bucket = buckets.byCaller.get(key) ?? newBucket(buckets, key, rate, now)
  bucket.tokens = Math.min(rate.burst, bucket.tokens + (Math.max(0, now - bucket.filledAt) / 1000) * rate.perSecond)
  bucket.filledAt = now
  if (bucket.tokens < 1) throw limitExceeded(Math.ceil(((1 - bucket.tokens) / rate.perSecond) * 1000))
  bucket.tokens -= 1
}

function newBucket(buckets: Buckets, key: string, rate: Rate, now: number): Bucket {
  if (buckets.byCaller.size >= buckets.sweepAt) sweep(buckets, now)
  const bucket = { tokens: rate.burst, filledAt: now }
  buckets.byCaller.set(key, bucket)
  return bucket
}

/** Where most callers have their reasons to stay, the next sweep is far away: callers without number must not make each of them cost a sweep. */
function sweep(buckets: Buckets, now: number): void {
  for (const [key, { tokens, filledAt }] of buckets.byCaller) {
    const rate = rates[key.slice(0, key.indexOf(' ')) as keyof typeof rates]
    if (tokens + ((now - filledAt) / 1000) * rate.perSecond >= rate.burst) buckets.byCaller.delete(key)
  }
  buckets.sweepAt = Math.max(fewest, buckets.byCaller.size * 2)
}

import type { claimKeys as endpoint, OneTimeKey } from '#spec/api/client/keys.ts'
import type { BodyOf, ResponseOf } from '#spec/endpoint.ts'
import type { DeviceId, UserId } from '#spec/ids.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { nested } from './nested.ts'
import { outOfReach } from './out-of-reach.ts'
import * as store from './store.ts'
import { forgetSupply } from './supply.ts'

/** Takes a key of each device: no one-time key is ever given out twice, to nobody. */
export async function claimKeys(
  deps: Deps,
  { one_time_keys: asked }: Pick<BodyOf<typeof endpoint>, 'one_time_keys'>,
): Promise<ResponseOf<typeof endpoint>> {
  const { ours, failures } = outOfReach(deps, Object.keys(asked) as UserId[])
  const claims = ours.flatMap((userId) =>
    Object.entries(asked[userId]!).map(([deviceId, algorithm]) => ({
      userId,
      deviceId: deviceId as DeviceId,
      algorithm,
    })),
  )
  const rows =
    claims.length === 0
      ? []
      : await transaction(deps.sql, (tx) => take(tx, claims)).finally(() => forgetSupply(deps, claims))
  const claimed = nested(
    rows.map(({ userId, deviceId, algorithm, keyId, key }) => {
      const named = { [`${algorithm}:${keyId}`]: JSON.parse(key) as OneTimeKey }
      return [userId, deviceId, named] as const
    }),
  )
  return { failures, one_time_keys: claimed }
}

async function take(
  tx: Parameters<typeof store.claimOneTimeKeys>[0],
  claims: readonly store.Claim[],
): Promise<store.ClaimedKey[]> {
  const taken = await store.claimOneTimeKeys(tx, claims)
  const found = new Set(taken.map(nameOf))
  const missing = claims.filter((claim) => !found.has(nameOf(claim)))
  return missing.length === 0 ? taken : [...taken, ...(await store.useFallbackKeys(tx, missing))]
}

const nameOf = ({ userId, deviceId }: store.Claim): string => `${userId} ${deviceId}`

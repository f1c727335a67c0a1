import type { getWhoIs } from '#spec/api/client/admin.ts'
import type { ResponseOf } from '#spec/endpoint.ts'
import { forbidden } from '#spec/errors.ts'
import type { UserId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'
import { writeSeen } from '../last-seen.ts'
import { readSeen } from './store.ts'

/** Where a user was last seen: for themselves, and for administrators. */
export async function whoIs(deps: Deps, asking: Identity, userId: UserId): Promise<ResponseOf<typeof getWhoIs>> {
  if (!asking.isAdmin && asking.userId !== userId) throw forbidden('Only an administrator of this server may see this.')
  await writeSeen(deps)
  const devices = (await readSeen(deps.sql, userId)).map(({ deviceId, at, address, userAgent }) => {
    const connection = {
      ...(address !== null && { ip: address }),
      ...(at !== null && { last_seen: at }),
      ...(userAgent !== null && { user_agent: userAgent }),
    }
    const sessions = [{ connections: at === null ? [] : [connection] }]
    return [deviceId, { sessions }] as const
  })
  return { user_id: userId, devices: Object.fromEntries(devices) }
}

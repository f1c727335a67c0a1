import { serverOf, type UserId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import type { Deps } from '#node/deps.ts'

/** Of the users that a request names those of this server, and a failure for each server that cannot be asked. */
export function outOfReach(
  deps: Deps,
  users: readonly UserId[],
): { ours: UserId[]; failures: Record<string, JsonObject> } {
  const ours = users.filter((userId) => serverOf(userId) === deps.config.serverName)
  const others = new Set(users.map(serverOf).filter((server) => server !== deps.config.serverName))
  const failure = { errcode: 'M_UNKNOWN', error: 'This server cannot be reached.' }
  return { ours, failures: Object.fromEntries([...others].map((server) => [server, failure])) }
}

import { forbidden } from '#spec/errors.ts'
import type { UserId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'
import { announce } from './announce.ts'
import { setDeviceState } from './come-and-go.ts'
import type { PresenceState } from './facts.ts'

/** Says whether the device's owner is there. Resolves when it is stored. */
export async function setPresence(
  deps: Deps,
  identity: Identity,
  userId: UserId,
  { state, statusMsg }: { state: PresenceState; statusMsg: string | null },
): Promise<void> {
  checkTurnedOn(deps)
  if (identity.userId !== userId) throw forbidden('Nobody can be there for another.')
  const person = setDeviceState(deps, identity, state)
  person.statusMsg = statusMsg
  await announce(deps, [userId])
}

/** Throws M_FORBIDDEN where the setting turns presence off. */
export function checkTurnedOn(deps: Deps): void {
  if (!deps.config.presence) throw forbidden('This server does not tell who is there.')
}

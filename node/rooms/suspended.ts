import type { EventDraft } from '#spec/room/build.ts'
import { checkNotSuspended } from '#node/accounts/moderation/account-status.ts'
import type { Deps } from '#node/deps.ts'

/**
 * Throws M_USER_SUSPENDED where a suspended user would show others anything. Leaving is allowed, and redacting what one has said oneself,
 * which is asked at the door. Client-Server API, "Account suspension".
 */
export function checkMaySend(deps: Deps, { type, sender, state_key: stateKey, content }: EventDraft): void {
  const leaves = type === 'm.room.member' && stateKey === sender && content['membership'] === 'leave'
  if (!leaves && type !== 'm.room.redaction') checkNotSuspended(deps, sender)
}

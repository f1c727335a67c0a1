import type { UserId } from '#spec/ids.ts'
import { useClient } from '../client-context.ts'
import { useSignal } from '../parts/use-signal.ts'

/** Who is logged in. Between logging out and leaving the screen it is nobody. */
export const useOwnId = (): UserId => useSignal(useClient().session)?.userId ?? ('' as UserId)

import type { MediaAddress, UserId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import * as store from './store.ts'

/** A page of the files that a user has uploaded, the newest first; `after` is the last of the page before. */
export const listMedia = (
  deps: Deps,
  userId: UserId,
  { limit, after }: { limit: number; after?: store.ListedMedia },
): Promise<readonly store.ListedMedia[]> => store.readMediaOf(deps.sql, userId, limit, after)

/** Forbids the bytes of a file, under every address and for all time, or allows them again. False: there is no such file. */
export const quarantineMedia = (deps: Deps, address: MediaAddress, isForbidden: boolean): Promise<boolean> =>
  store.setQuarantine(deps.sql, address, isForbidden ? deps.clock.now() : null)

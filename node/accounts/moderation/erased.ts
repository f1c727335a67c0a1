import type { UserId } from '#spec/ids.ts'
import { perNode, type Deps } from '#node/deps.ts'
import { readErased } from './store.ts'

/** Kept in memory, because whoever reads history asks for every event. */
const erasedOf = perNode(() => new Map<UserId, number>())

export async function loadErased(deps: Deps): Promise<void> {
  for (const { userId, position } of await readErased(deps.sql)) erasedOf(deps).set(userId, position)
}

export const noteErased = (deps: Deps, userId: UserId, position: number): void =>
  void erasedOf(deps).set(userId, position)

/** The position in the log at which an account of this server was erased; nothing for one that was not. */
export const erasedAt = (deps: Deps, userId: UserId): number | undefined => erasedOf(deps).get(userId)

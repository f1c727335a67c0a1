import type { UserId } from '#spec/ids.ts'
import { perNode, type Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'

/** Whom a token belongs to, kept in memory because every request asks. */
export interface KnownToken {
  readonly identity: Identity
  /** In ms since the Unix epoch; null: never. */
  readonly expiresAt: number | null
}

const maxKnown = 20_000

const knownOf = perNode(() => ({ byHash: new Map<string, KnownToken>(), revision: 0 }))

export const knownToken = (deps: Deps, tokenHash: string): KnownToken | undefined => knownOf(deps).byHash.get(tokenHash)

/** Changes whenever something is forgotten: what was read before that must not be kept. */
export const knowledgeRevision = (deps: Deps): number => knownOf(deps).revision

/** Keeps what was read from the database, unless something was forgotten since `revision` was taken. */
export function keepToken(deps: Deps, tokenHash: string, token: KnownToken, revision: number): void {
  const known = knownOf(deps)
  if (known.revision !== revision) return
  if (known.byHash.size >= maxKnown) known.byHash.clear()
  known.byHash.set(tokenHash, token)
}

/** Forgets every token of a user: the database is asked again. */
export function forgetUser(deps: Deps, userId: UserId): void {
  const known = knownOf(deps)
  known.revision++
  for (const [hash, { identity }] of known.byHash) if (identity.userId === userId) known.byHash.delete(hash)
}

import { drop, keep, kept, keptNames } from '../../parts/kept.ts'

/** The words that a page was closed over before the store had them. Writing them here takes no time, and a page that goes has none. */
export interface RescuedDraft {
  get(): string | undefined
  set(text: string): void
  drop(): void
}

const prefix = 'draft '

export function rescuedDraft(userId: string, roomId: string): RescuedDraft {
  const name = `${prefix}${userId} ${roomId}`
  return { get: () => kept(name), set: (text) => keep(name, text), drop: () => drop(name) }
}

/** Whoever is logged out leaves no words behind. */
export function dropDraftsOfOthers(userId: string | undefined): void {
  for (const name of keptNames()) {
    if (name.startsWith(prefix) && !name.startsWith(`${prefix}${userId} `)) drop(name)
  }
}

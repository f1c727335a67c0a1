import { localpartOf, type UserId } from '#spec/ids.ts'
import type { Hero, RoomRow } from './store/store.ts'

/**
 * What a room is called, in parts that a translation can put together: its own name; or the people in it and how many more;
 * or, when nobody else is there (any more), those who were.
 */
export type NameParts =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'heroes' | 'empty'; readonly names: readonly string[]; readonly others: number }

/** The name of a room, by the algorithm of Client-Server API, "Calculating the display name for a room". */
export function namePartsOf(row: RoomRow, ownUserId: UserId | undefined): NameParts {
  const own = row.name?.trim() || row.canonicalAlias
  if (own) return { kind: 'name', name: own }
  const heroes = row.heroes.filter((hero) => hero.userId !== ownUserId)
  const everybodyElse = row.joinedCount + row.invitedCount - 1
  const others = Math.max(0, everybodyElse - heroes.length)
  return { kind: everybodyElse > 0 ? 'heroes' : 'empty', names: heroNames(heroes), others }
}

/** Names that two heroes share are told apart by their user ids. */
function heroNames(heroes: readonly Hero[]): readonly string[] {
  const names = heroes.map((hero) => hero.displayName || localpartOf(hero.userId))
  return names.map((name, i) =>
    names.indexOf(name) === names.lastIndexOf(name) ? name : `${name} (${heroes[i]!.userId})`,
  )
}

/** The parts as an English name. */
export function englishName(parts: NameParts): string {
  if (parts.kind === 'name') return parts.name
  const others = parts.others === 0 ? [] : [parts.others === 1 ? '1 other' : `${parts.others} others`]
  const list = joinNames([...parts.names, ...others])
  if (parts.kind === 'heroes') return list
  return list === '' ? 'Empty room' : `Empty room (was ${list})`
}

const joinNames = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`

import { graphemes } from './graphemes.ts'

/** The first letter of a name, or its first sign where it has no letters: what an avatar shows. */
export function initialOf(name: string): string {
  const signs = graphemes(name.trim())
  return signs.find((sign) => /[\p{L}\p{N}]/u.test(sign)) ?? signs[0] ?? '·'
}

export type Strength = 'none' | 'short' | 'weak' | 'fair' | 'strong'

export const shortestPassword = 8

/** A hint, never a judgement: length counts most, repeated and neighbouring signs count little, the name itself nothing. */
export function passwordStrength(password: string, name: string): Strength {
  if (password === '') return 'none'
  if ([...password].length < shortestPassword) return 'short'
  const lower = password.toLowerCase()
  const withoutName = name.length > 2 ? lower.replaceAll(name.toLowerCase(), '') : lower
  const worth = [...withoutName].filter(
    (sign, at, all) => Math.abs(sign.codePointAt(0)! - (all[at - 1]?.codePointAt(0) ?? -9)) > 1,
  ).length
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{L}\p{N}]/u].filter((kind) => kind.test(password)).length
  const score = worth + kinds * 2
  if (score < 11) return 'weak'
  return score < 17 ? 'fair' : 'strong'
}

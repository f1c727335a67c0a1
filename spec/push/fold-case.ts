const special = /[İıς]/
const dottedCapital = /İ/g
const dotlessOrDotted = /ı/g
const finalSigma = /ς/g

/**
 * The text in which differences of case are gone, for comparing; character for character as long as it was. Of Turkish, the four letters I, İ, i
 * and ı become one: what I is the capital of depends on the language, which no message states.
 */
export function foldCase(text: string): string {
  if (!special.test(text) && !text.includes('Σ')) return text.toLowerCase()
  // İ alone has a lower case of two characters; the lower case of Σ depends on where in a word it stands.
  return text.replace(dottedCapital, 'i').toLowerCase().replace(dotlessOrDotted, 'i').replace(finalSigma, 'σ')
}

/** A text as it was sent, where words end, and folded, where letters are compared. Both have the same length. */
export interface FoldedText {
  readonly original: string
  readonly folded: string
  /** The word boundaries after the start, in order; found once. */
  readonly boundaries: () => readonly number[]
}

/** A text made ready for matching. */
export function foldedText(original: string): FoldedText {
  let boundaries: readonly number[] | undefined
  return { original, folded: foldCase(original), boundaries: () => (boundaries ??= boundariesOf(original)) }
}

function boundariesOf(text: string): readonly number[] {
  const boundaries: number[] = []
  for (let at = 1; at <= text.length; at++) if (isWordBoundary(text, at)) boundaries.push(at)
  return boundaries
}

/**
 * True at the start and the end of a text, and beside any character but A to Z, a to z, 0 to 9 and `_`.
 * Client-Server API, "Conditions", `event_match`.
 */
export const isWordBoundary = (text: string, at: number): boolean =>
  at === 0 || at === text.length || !isWordUnit(text.charCodeAt(at - 1)) || !isWordUnit(text.charCodeAt(at))

function isWordUnit(unit: number): boolean {
  if (unit < 0x30 || unit > 0x7a) return false
  return unit <= 0x39 || (unit >= 0x41 && unit <= 0x5a) || unit === 0x5f || unit >= 0x61
}

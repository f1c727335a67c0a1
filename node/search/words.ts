import { fold } from '#node/accounts/fold.ts'

/** A word beyond this length is searched by its beginning. */
const longestWord = 64

/** The words of a text as searches compare them, each once: letters and digits, without accents, in small letters. */
export function wordsOf(text: string): string[] {
  return [...new Set(fold(text).match(/[\p{L}\p{N}]+/gu))].map((word) => word.slice(0, longestWord))
}

/** The words of a text, as they are written, that one of the searched words begins. */
export function highlightsIn(text: string, searched: readonly string[]): string[] {
  const written = text.match(/[\p{L}\p{N}\p{M}]+/gu) ?? []
  return written.filter((word) => searched.some((one) => fold(word).startsWith(one)))
}

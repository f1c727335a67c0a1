import { foldCase, isWordBoundary, type FoldedText } from './fold-case.ts'
import {
  buildAutomaton,
  findInWhole,
  findInWords,
  isFound,
  type Found,
  type GlobAutomaton,
  type GlobPieces,
} from './glob-automaton.ts'

/*
 * Globs: `*` is any run of characters, `?` any one character (a code point). Appendices, "Glob-style matching".
 * Searching for the pieces between the stars, as the engine searches for strings, decides nearly every case; an automaton decides the rest,
 * in time linear in the text whatever the pattern.
 */

/** Whether a text matches. */
export type TextMatcher = (text: FoldedText) => boolean

/** Matches texts that are the pattern from end to end, in any case. */
export function wholeMatcher(pattern: string): TextMatcher {
  const glob = piecesOf(pattern)
  if (glob.hasAny) return withAutomaton(glob, findInWhole)
  const [first, ...others] = glob.pieces
  const last = others.pop()
  if (last === undefined) return ({ folded }) => folded === first
  return ({ folded }) => {
    if (!folded.startsWith(first!) || !folded.endsWith(last)) return false
    const end = endInOrder(folded, others, first!.length)
    return end !== undefined && end + last.length <= folded.length
  }
}

/** Matches texts with a part that starts and ends at a word boundary and is the pattern, in any case. */
export function wordMatcher(pattern: string): TextMatcher {
  const glob = piecesOf(pattern)
  return glob.hasAny ? withAutomaton(glob, findInWords) : piecesInWords(glob)
}

/** Like `wordMatcher` for a text that is meant as it is, stars and all. */
export const literalWordMatcher = (text: string): TextMatcher =>
  piecesInWords({ pieces: [foldCase(text)], hasAny: false })

/** A pattern in the form in which it is compiled. */
export function piecesOf(pattern: string): GlobPieces {
  const folded = foldCase(pattern)
  return { pieces: folded.split(/\*+/), hasAny: folded.includes('?') }
}

/** Runs the automaton only on texts that have the longest run of plain characters. */
function withAutomaton(glob: GlobPieces, find: Find): TextMatcher {
  const runs = glob.pieces.flatMap((piece) => piece.split('?'))
  const longest = runs.reduce((one, other) => (other.length > one.length ? other : one))
  const matches = automatonMatcher(glob, find)
  return (text) => text.folded.includes(longest) && matches(text)
}

function piecesInWords(glob: GlobPieces): TextMatcher {
  const matches = automatonMatcher(glob, findInWords)
  return (text) => searchWords(glob.pieces, text) ?? matches(text)
}

type Find = (automaton: GlobAutomaton, text: FoldedText) => Found

/** Builds the automaton when it is needed. */
function automatonMatcher(glob: GlobPieces, find: Find): TextMatcher {
  let automaton: GlobAutomaton | undefined
  return (text) => {
    automaton ??= buildAutomaton([glob])
    return isFound(automaton, find(automaton, text), 0)
  }
}

/** Each piece at its first place. Nothing if such a place is no word boundary where it must be one: a later place may be. */
function searchWords([first, ...others]: readonly string[], { original, folded }: FoldedText): boolean | undefined {
  const start = folded.indexOf(first!)
  if (start === -1) return false
  if (!isWordBoundary(original, start)) return undefined
  const last = others.pop()
  if (last === undefined) return isWordBoundary(original, start + first!.length) || undefined
  const end = endInOrder(folded, others, start + first!.length)
  if (end === undefined) return false
  if (folded.endsWith(last) && end + last.length <= folded.length) return true
  const at = folded.indexOf(last, end)
  return at === -1 ? false : isWordBoundary(original, at + last.length) || undefined
}

/** Where the last of some pieces ends if each is taken at its first place after the one before it. */
function endInOrder(text: string, pieces: readonly string[], from: number): number | undefined {
  let end = from
  for (const piece of pieces) {
    const at = text.indexOf(piece, end)
    if (at === -1) return undefined
    end = at + piece.length
  }
  return end
}

import type { FoldedText } from './fold-case.ts'
import { buildAutomaton, findInWhole, findInWords, isFound, type Found, type GlobAutomaton } from './glob-automaton.ts'
import { piecesOf, wholeMatcher, wordMatcher, type TextMatcher } from './glob.ts'

/*
 * The patterns that one user's rules have for one property. Alone, each would go through the text once: a thousand of them, a thousand times.
 * Where that would be much, they go through it once and together.
 */

/** How patterns are to match: the whole of a text, or some words of it. */
export type GlobScope = 'whole' | 'words'

/** The most characters times patterns that are tried pattern by pattern, which is quicker for ordinary messages and takes a millisecond or two. */
export const mostApart = 2 ** 17

export class SharedGlobs {
  readonly #scope: GlobScope
  readonly #patterns: string[] = []
  #automaton: GlobAutomaton | undefined
  /** Of texts that all went through together. */
  readonly #found = new WeakMap<FoldedText, Found>()
  #words = 0

  constructor(scope: GlobScope) {
    this.#scope = scope
  }

  /** The matcher of one more pattern. */
  add(pattern: string): TextMatcher {
    const which = this.#patterns.push(pattern) - 1
    this.#words += Math.ceil((pattern.length + 1) / 32)
    const alone = this.#scope === 'words' ? wordMatcher(pattern) : wholeMatcher(pattern)
    return (text) => (text.folded.length * this.#words <= mostApart ? alone(text) : this.#isFound(which, text))
  }

  #isFound(which: number, text: FoldedText): boolean {
    this.#automaton ??= buildAutomaton(this.#patterns.map(piecesOf))
    const found = this.#found.get(text) ?? this.#findAll(this.#automaton, text)
    return isFound(this.#automaton, found, which)
  }

  #findAll(automaton: GlobAutomaton, text: FoldedText): Found {
    const found = this.#scope === 'words' ? findInWords(automaton, text) : findInWhole(automaton, text)
    this.#found.set(text, found)
    return found
  }
}

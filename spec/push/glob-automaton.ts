import type { FoldedText } from './fold-case.ts'

/*
 * Globs as an automaton whose states are bits, 32 to a word: one pass over the text, each character in time of the pattern's length / 32.
 * State n means that n characters of the pattern have been matched; a star makes its state stay.
 */

/** A glob whose stars are taken out: the pieces between them, and whether `?` in them stands for any character. */
export interface GlobPieces {
  readonly pieces: readonly string[]
  readonly hasAny: boolean
}

/** A compiled glob. */
export interface GlobAutomaton {
  /** The states that a character, by its code point, leads on from. */
  readonly leaves: ReadonlyMap<number, Int32Array>
  /** The same for every other character: states before a `?`. */
  readonly leavesByAny: Int32Array
  /** States that stay: a star stands there. */
  readonly stays: Int32Array
  /** The state in which the whole pattern has been matched. */
  readonly last: number
}

/** Compiles a glob. */
export function buildAutomaton({ pieces, hasAny }: GlobPieces): GlobAutomaton {
  const characters = pieces.map((piece) => Array.from(piece, (character) => character.codePointAt(0)!))
  const last = characters.reduce((sum, piece) => sum + piece.length, 0)
  const empty = (): Int32Array => new Int32Array((last >>> 5) + 1)
  const [leaves, leavesByAny, stays] = [new Map<number, Int32Array>(), empty(), empty()]
  let state = 0
  for (const [i, piece] of characters.entries()) {
    if (i > 0) setBit(stays, state)
    for (const character of piece) {
      if (hasAny && character === anyCharacter) setBit(leavesByAny, state)
      else setBit(leaves.get(character) ?? leaves.set(character, empty()).get(character)!, state)
      state++
    }
  }
  for (const bits of leaves.values()) for (let word = 0; word < bits.length; word++) bits[word]! |= leavesByAny[word]!
  return { leaves, leavesByAny, stays, last }
}

const anyCharacter = '?'.codePointAt(0)!

/** True if the pattern matches the whole text. */
export function matchesAll(automaton: GlobAutomaton, { folded }: FoldedText): boolean {
  const states = startingStates(automaton)
  for (let at = 0; at < folded.length;) {
    const character = folded.codePointAt(at)!
    if (!advance(automaton, states, character)) return false
    at += character > 0xffff ? 2 : 1
  }
  return hasBit(states, automaton.last)
}

/** True if the pattern matches a part of the text that starts and ends at a word boundary. */
export function matchesWords(automaton: GlobAutomaton, text: FoldedText): boolean {
  // An empty pattern and a lone star match the nothing at the start.
  if (automaton.last === 0) return true
  const { folded } = text
  const boundaries = text.boundaries()
  const states = startingStates(automaton)
  let next = 0
  for (let at = 0; at < folded.length;) {
    const character = folded.codePointAt(at)!
    at += character > 0xffff ? 2 : 1
    // Where no beginning has led this far, there is nothing to do up to the next boundary.
    if (!advance(automaton, states, character)) at = Math.max(at, boundaries[next]!)
    while (boundaries[next]! < at) next++
    if (boundaries[next] !== at) continue
    if (hasBit(states, automaton.last)) return true
    setBit(states, 0)
  }
  return false
}

function startingStates({ stays }: GlobAutomaton): Int32Array {
  const states = new Int32Array(stays.length)
  setBit(states, 0)
  return states
}

/** Goes from the states before a character to those after it; false if none is left. */
function advance({ leaves, leavesByAny, stays }: GlobAutomaton, states: Int32Array, character: number): boolean {
  const leaving = leaves.get(character) ?? leavesByAny
  let carried = 0
  let any = 0
  for (let word = 0; word < states.length; word++) {
    const before = states[word]!
    const left = before & leaving[word]!
    const after = (left << 1) | carried | (before & stays[word]!)
    carried = left >>> 31
    states[word] = after
    any |= after
  }
  return any !== 0
}

function setBit(bits: Int32Array, at: number): void {
  bits[at >>> 5]! |= 1 << (at & 31)
}

const hasBit = (bits: Int32Array, at: number): boolean => ((bits[at >>> 5]! >>> (at & 31)) & 1) === 1

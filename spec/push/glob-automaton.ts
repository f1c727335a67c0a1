import type { FoldedText } from './fold-case.ts'

/*
 * Globs as one automaton whose states are bits, 32 to a word: one pass over the text for all of them, each character in time of the length of the
 * patterns / 32. Each pattern has a state for every number of its characters that have been matched; a star makes a state stay.
 */

/** A glob whose stars are taken out: the pieces between them, and whether `?` in them stands for any character. */
export interface GlobPieces {
  readonly pieces: readonly string[]
  readonly hasAny: boolean
}

/** Compiled globs. */
export interface GlobAutomaton {
  /** The states that a character, by its code point, leads on from. */
  readonly leaves: ReadonlyMap<number, Int32Array>
  /** The same for every other character: states before a `?`. */
  readonly leavesByAny: Int32Array
  /** States that stay: a star stands there. */
  readonly stays: Int32Array
  /** The states in which nothing of a pattern has been matched. */
  readonly starts: Int32Array
  /** The states in which a whole pattern has been matched. */
  readonly ends: Int32Array
  /** Of each pattern the number of that state. */
  readonly endOf: readonly number[]
}

/** Compiles globs. */
export function buildAutomaton(globs: readonly GlobPieces[]): GlobAutomaton {
  const codePoints = globs.map(({ pieces }) =>
    pieces.map((piece) => Array.from(piece, (character) => character.codePointAt(0)!)),
  )
  const size = codePoints.reduce((sum, pieces) => sum + pieces.reduce((length, piece) => length + piece.length, 1), 0)
  const empty = (): Int32Array => new Int32Array((size >>> 5) + 1)
  const [leavesByAny, stays, starts, ends] = [empty(), empty(), empty(), empty()]
  const leaves = new Map<number, Int32Array>()
  const endOf: number[] = []
  let state = 0
  for (const [which, pieces] of codePoints.entries()) {
    setBit(starts, state)
    for (const [i, piece] of pieces.entries()) {
      if (i > 0) setBit(stays, state)
      for (const character of piece) {
        if (globs[which]!.hasAny && character === anyCharacter) setBit(leavesByAny, state)
        else setBit(leaves.get(character) ?? leaves.set(character, empty()).get(character)!, state)
        state++
      }
    }
    setBit(ends, state)
    endOf.push(state++)
  }
  for (const bits of leaves.values()) for (let word = 0; word < bits.length; word++) bits[word]! |= leavesByAny[word]!
  return { leaves, leavesByAny, stays, starts, ends, endOf }
}

const anyCharacter = '?'.codePointAt(0)!

/** Which patterns match, as `isFound` reads it. */
export type Found = Int32Array

/** True if a pattern, by its index, is among those that match. */
export const isFound = ({ endOf }: GlobAutomaton, found: Found, which: number): boolean => hasBit(found, endOf[which]!)

/** Finds the patterns that match the whole text. */
export function findInWhole(automaton: GlobAutomaton, { folded }: FoldedText): Found {
  const states = automaton.starts.slice()
  for (let at = 0; at < folded.length;) {
    const character = folded.codePointAt(at)!
    if (!advance(automaton, states, character)) break
    at += character > 0xffff ? 2 : 1
  }
  return states
}

/** Finds the patterns that match a part of the text that starts and ends at a word boundary. */
export function findInWords(automaton: GlobAutomaton, text: FoldedText): Found {
  const { folded } = text
  const boundaries = text.boundaries()
  const states = new Int32Array(automaton.starts.length)
  const found = new Int32Array(states.length)
  let next = 0
  let areAllFound = meetBoundary(automaton, states, found)
  for (let at = 0; at < folded.length && !areAllFound;) {
    const character = folded.codePointAt(at)!
    at += character > 0xffff ? 2 : 1
    // Where no beginning has led this far, there is nothing to do up to the next boundary.
    if (!advance(automaton, states, character)) at = Math.max(at, boundaries[next]!)
    while (boundaries[next]! < at) next++
    if (boundaries[next] === at) areAllFound = meetBoundary(automaton, states, found)
  }
  return found
}

/** Takes down what has been matched here, and begins anew. An empty pattern and a lone star match the nothing at the start. True if nothing is left to find. */
function meetBoundary({ starts, ends }: GlobAutomaton, states: Int32Array, found: Found): boolean {
  let missing = 0
  for (let word = 0; word < states.length; word++) {
    states[word]! |= starts[word]!
    found[word]! |= states[word]! & ends[word]!
    missing |= ends[word]! & ~found[word]!
  }
  return missing === 0
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

/*
 * Regular expressions that take time in proportion to the text, whatever the text is: all ways through a pattern are walked at once, so
 * there is nothing to come back to. What cannot be walked like that (looking around, back references) is refused.
 */

/** A pattern that cannot be read; the message ends a sentence. */
export class PatternProblem extends Error {
  override readonly name = 'PatternProblem'
}

type Takes = (character: number) => boolean

type Node =
  | { readonly kind: 'take'; readonly takes: Takes }
  | { readonly kind: 'start' | 'end' }
  | { readonly kind: 'all' | 'any'; readonly parts: readonly Node[] }
  | { readonly kind: 'repeat'; readonly part: Node; readonly from: number; readonly to: number }

type Step =
  | { readonly op: 'take'; readonly takes: Takes }
  | { readonly op: 'start' | 'end' | 'match' }
  | { readonly op: 'fork'; to: readonly number[] }

/** The longest pattern, in UTF-16 units. */
export const maxPatternLength = 1_000
const maxSteps = 5_000
const maxRepeats = 255
const maxDepth = 50

/** True if the text matches from its beginning on; whether it goes on behind is the pattern's to say, with `$`. Throws `PatternProblem`. */
export function linearPattern(source: string): (text: string) => boolean {
  if (source.length > maxPatternLength) throw new PatternProblem(`is longer than ${maxPatternLength} characters`)
  const steps: Step[] = []
  emit(steps, new Reader(source).read())
  steps.push({ op: 'match' })
  return (text) => matches(steps, text)
}

function matches(steps: readonly Step[], text: string): boolean {
  const characters = Array.from(text, (character) => character.codePointAt(0)!)
  let at = reach(steps, [0], 0, characters.length)
  for (let i = 0; at.size > 0; i++) {
    if (at.has(steps.length - 1)) return true
    if (i === characters.length) return false
    const next = [...at].flatMap((index) => {
      const step = steps[index]!
      return step.op === 'take' && step.takes(characters[i]!) ? [index + 1] : []
    })
    at = reach(steps, next, i + 1, characters.length)
  }
  return false
}

/** The steps that can be reached without taking a character. */
function reach(steps: readonly Step[], from: readonly number[], position: number, length: number): Set<number> {
  const reached = new Set<number>()
  const waiting = [...from]
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    if (reached.has(index)) continue
    reached.add(index)
    const step = steps[index]!
    if (step.op === 'fork') waiting.push(...step.to)
    else if ((step.op === 'start' && position === 0) || (step.op === 'end' && position === length))
      waiting.push(index + 1)
  }
  return reached
}

function emit(steps: Step[], node: Node): void {
  if (steps.length > maxSteps) throw new PatternProblem('repeats too much')
  if (node.kind === 'take') steps.push({ op: 'take', takes: node.takes })
  else if (node.kind === 'all') for (const part of node.parts) emit(steps, part)
  else if (node.kind === 'any') emitAny(steps, node.parts)
  else if (node.kind === 'repeat') emitRepeat(steps, node)
  else steps.push({ op: node.kind })
}

function emitAny(steps: Step[], parts: readonly Node[]): void {
  const fork: Step = { op: 'fork', to: [] }
  steps.push(fork)
  const ends: { op: 'fork'; to: readonly number[] }[] = []
  fork.to = parts.map((part) => {
    const begin = steps.length
    emit(steps, part)
    const end = { op: 'fork' as const, to: [] }
    ends.push(end)
    steps.push(end)
    return begin
  })
  for (const end of ends) end.to = [steps.length]
}

function emitRepeat(steps: Step[], { part, from, to }: Extract<Node, { kind: 'repeat' }>): void {
  for (let i = 0; i < from; i++) emit(steps, part)
  const skips: { op: 'fork'; to: readonly number[] }[] = []
  for (let i = from; i < (to === Infinity ? from + 1 : to); i++) {
    const skip = { op: 'fork' as const, to: [] as readonly number[] }
    const begin = steps.push(skip) - 1
    skips.push(skip)
    skip.to = [begin + 1]
    emit(steps, part)
    if (to === Infinity) steps.push({ op: 'fork', to: [begin] })
  }
  for (const skip of skips) skip.to = [...skip.to, steps.length]
}

const isBetween =
  (from: number, to: number): Takes =>
  (c) =>
    c >= from && c <= to
const code = (character: string): number => character.codePointAt(0)!
const isDigit = isBetween(0x30, 0x39)
const isLetter: Takes = (c) => isBetween(0x41, 0x5a)(c) || isBetween(0x61, 0x7a)(c)
const isWord: Takes = (c) => isDigit(c) || isLetter(c) || c === 0x5f
const isBlank: Takes = (c) => c === 0x20 || isBetween(9, 13)(c) || c === 0xa0
const not =
  (takes: Takes): Takes =>
  (c) =>
    !takes(c)
const classes: Readonly<Record<string, Takes>> = {
  d: isDigit,
  D: not(isDigit),
  w: isWord,
  W: not(isWord),
  s: isBlank,
  S: not(isBlank),
}
const named: Readonly<Record<string, Takes>> = {
  alpha: isLetter,
  digit: isDigit,
  alnum: (c) => isDigit(c) || isLetter(c),
  lower: isBetween(0x61, 0x7a),
  upper: isBetween(0x41, 0x5a),
  space: isBlank,
}

/** Reads the extended expressions of POSIX, with the short classes that everybody writes. */
class Reader {
  readonly #characters: readonly string[]
  #at = 0
  #depth = 0

  constructor(source: string) {
    this.#characters = [...source]
  }

  read(): Node {
    const node = this.#readAny()
    if (this.#at < this.#characters.length) throw new PatternProblem('closes a parenthesis that it has not opened')
    return node
  }

  #peek = (): string | undefined => this.#characters[this.#at]
  #take(): string {
    const character = this.#characters[this.#at++]
    if (character === undefined) throw new PatternProblem('breaks off')
    return character
  }
  #takeIf(character: string): boolean {
    if (this.#peek() !== character) return false
    this.#at++
    return true
  }

  #readAny(): Node {
    const parts = [this.#readAll()]
    while (this.#takeIf('|')) parts.push(this.#readAll())
    return parts.length === 1 ? parts[0]! : { kind: 'any', parts }
  }

  #readAll(): Node {
    const parts: Node[] = []
    for (let next = this.#peek(); next !== undefined && next !== '|' && next !== ')'; next = this.#peek())
      parts.push(this.#readRepeated())
    return { kind: 'all', parts }
  }

  #readRepeated(): Node {
    let part = this.#readOne()
    for (let range = this.#readRange(); range !== undefined; range = this.#readRange()) {
      this.#takeIf('?') // Which way is tried first makes no difference where all are.
      part = { kind: 'repeat', part, ...range }
    }
    return part
  }

  #readRange(): { from: number; to: number } | undefined {
    if (this.#takeIf('*')) return { from: 0, to: Infinity }
    if (this.#takeIf('+')) return { from: 1, to: Infinity }
    if (this.#takeIf('?')) return { from: 0, to: 1 }
    if (!this.#takeIf('{')) return undefined
    let text = ''
    while (!this.#takeIf('}')) text += this.#take()
    const [, low, comma, high] = /^(\d{1,3})(,(\d{1,3})?)?$/.exec(text) ?? []
    if (low === undefined) throw new PatternProblem(`has {${text}}, which is no number of times`)
    const from = Number(low)
    const to = comma === undefined ? from : high === undefined ? Infinity : Number(high)
    if (from > to || from > maxRepeats || (to > maxRepeats && to !== Infinity))
      throw new PatternProblem(`has {${text}}, which is no number of times up to ${maxRepeats}`)
    return { from, to }
  }

  #readOne(): Node {
    const character = this.#take()
    if (character === '^') return { kind: 'start' }
    if (character === '$') return { kind: 'end' }
    if (character === '.') return { kind: 'take', takes: () => true }
    if (character === '[') return { kind: 'take', takes: this.#readSet() }
    if (character === '(') return this.#readGroup()
    if (character === '\\') return { kind: 'take', takes: this.#readEscape() }
    if ('*+?{'.includes(character)) throw new PatternProblem(`repeats nothing at ${character}`)
    return { kind: 'take', takes: (c) => c === code(character) }
  }

  #readGroup(): Node {
    if (this.#takeIf('?') && !this.#takeIf(':'))
      throw new PatternProblem('has a group of a kind that is not known here')
    if (++this.#depth > maxDepth) throw new PatternProblem('is nested too deep')
    const node = this.#readAny()
    if (!this.#takeIf(')')) throw new PatternProblem('opens a parenthesis that it does not close')
    this.#depth--
    return node
  }

  #readEscape(): Takes {
    const character = this.#take()
    const known = classes[character]
    if (known) return known
    if (/[A-Za-z0-9]/.test(character)) throw new PatternProblem(`has \\${character}, which is not known here`)
    return (c) => c === code(character)
  }

  #readSet(): Takes {
    const isNegated = this.#takeIf('^')
    const parts: Takes[] = []
    // A bracket in the first place stands for itself.
    do parts.push(this.#readSetPart())
    while (!this.#takeIf(']'))
    const takes: Takes = (c) => parts.some((part) => part(c))
    return isNegated ? not(takes) : takes
  }

  #readSetPart(): Takes {
    const from = this.#take()
    if (from === '[' && this.#takeIf(':')) return this.#readNamedClass()
    if (from === '\\') return this.#readEscape()
    if (this.#peek() !== '-' || this.#characters[this.#at + 1] === ']') return (c) => c === code(from)
    this.#at++
    const to = this.#take()
    if (to === '\\' || code(to) < code(from)) throw new PatternProblem(`has the range ${from}-${to}, which is none`)
    return isBetween(code(from), code(to))
  }

  #readNamedClass(): Takes {
    let name = ''
    while (!this.#takeIf(':')) name += this.#take()
    const takes = named[name]
    if (!takes || !this.#takeIf(']')) throw new PatternProblem(`has [:${name}:], which is not known here`)
    return takes
  }
}

/*
 * A conversation as text: a head, then one step a line. README.md beside this file says how they are written.
 */

/** One line of a script that does or expects something. */
export interface Line {
  readonly number: number
  readonly text: string
  /** The error code that the step must end with, where the line names one. */
  readonly refusal: string | undefined
}

export interface Script {
  readonly title: string
  /** People who have an account when it begins, by name; where a name has an `@`, the part behind it is the node: `Cem@two`. */
  readonly people: readonly string[]
  readonly registration: 'open' | 'invite' | 'closed'
  readonly lines: readonly Line[]
}

/** Reads a script. Throws at the first line that is not written as it should be. */
export function parseScript(text: string): Script {
  const [first = '', ...others] = text.split('\n')
  const title = /^# (.+)$/.exec(first)?.[1]
  if (title === undefined) throw new Error('line 1: a script begins with its title: # What is shown')
  const numbered = others.map((line, index) => ({ number: index + 2, text: line.trim() }))
  const said = numbered.filter((line) => line.text !== '' && !line.text.startsWith('#'))
  const settings = said.filter((line) => head.test(line.text))
  return {
    title,
    people: settingOf(settings, 'people')?.split(/, */) ?? [],
    registration: registrationOf(settingOf(settings, 'registration') ?? 'open'),
    lines: said.filter((line) => !settings.includes(line)).map(parseLine),
  }
}

const head = /^(people|registration): +(.+)$/

const settingOf = (lines: readonly { text: string }[], name: string): string | undefined =>
  lines.map((line) => head.exec(line.text)).find((found) => found?.[1] === name)?.[2]

function registrationOf(value: string): Script['registration'] {
  if (value === 'open' || value === 'invite' || value === 'closed') return value
  throw new Error(`registration is open, invite or closed, not ${value}`)
}

function parseLine({ number, text }: { number: number; text: string }): Line {
  const [, step = '', refusal] = /^(.*?)(?: +=> (M_[A-Z_]+))?$/.exec(text) ?? []
  return { number, text: step, refusal }
}

/** What a step finds in its line: a value for each name in braces. */
export type Found = Readonly<Record<string, string>>

/** `{who} says in {room}: {text}` as a pattern. A name in braces says what may stand there. */
export function patternOf(form: string): RegExp {
  const escaped = form.replace(/[.*+?^$()|[\]\\]/g, '\\$&')
  return new RegExp(`^${escaped.replace(/\{(\w+)\}/g, (_, name: string) => `(?<${name}>${holes[name]!})`)}$`)
}

const holes: Readonly<Record<string, string>> = {
  who: '[A-Z]\\w*',
  other: '[A-Z]\\w*',
  people: '[A-Z]\\w*(?:, [A-Z]\\w*)*',
  room: '\\[[^\\]]+\\]',
  number: '\\d+',
  name: '"[^"]+"',
  text: '.+',
}

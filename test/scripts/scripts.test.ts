import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { playScript } from './play-script.ts'
import { parseScript, patternOf } from './script.ts'
import { steps } from './steps.ts'

const folder = fileURLToPath(new URL('.', import.meta.url))
const files = readdirSync(folder).filter((name) => name.endsWith('.txt'))

test.each(files)(
  '%s',
  async (file) => {
    const script = parseScript(readFileSync(join(folder, file), 'utf8'))
    await playScript(script)
  },
  60_000,
)

test('a script that expects what does not happen fails, and says where', async () => {
  const refused = parseScript('# Planted\npeople: Ada, Ben\nAda makes [Home]\nBen joins [Home]')
  await expect(playScript(refused)).rejects.toThrow(/^line 4: Ben joins \[Home\]\n/)
  const granted = parseScript('# Planted\npeople: Ada\nAda makes [Home] => M_FORBIDDEN')
  await expect(playScript(granted)).rejects.toThrow('should have been refused with M_FORBIDDEN')
  const unseen = parseScript('# Planted\npeople: Ada\nAda makes [Home]\nAda says in [Home]: a\nAda finds in [Home]: b')
  await expect(playScript(unseen)).rejects.toThrow('The node shows: a')
})

test('a line that nobody understands is an error', async () => {
  await expect(playScript(parseScript('# Planted\npeople: Ada\nAda dances'))).rejects.toThrow('line 3: Ada dances')
})

test('no line can be read in two ways', () => {
  for (const { form } of steps) {
    const line = form.replace(/\{(\w+)\}/g, (_, name: string) => examples[name]!)
    expect(steps.filter((one) => patternOf(one.form).test(line)).map((one) => one.form)).toEqual([form])
  }
})

const examples: Readonly<Record<string, string>> = {
  who: 'Ada',
  other: 'Ben',
  people: 'Ben, Cem',
  room: '[Home]',
  number: '2',
  name: '"one"',
  text: 'Good morning',
}

test('README.md lists every step and no other', () => {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8')
  const listed = [...readme.matchAll(/^\| `([^`]+)` +\|/gm)].map(([, form]) => form)
  expect(listed.toSorted()).toEqual(steps.map((one) => one.form).toSorted())
})

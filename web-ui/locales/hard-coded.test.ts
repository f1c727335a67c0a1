import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parseSource, readSources, walkSyntax } from '#test/source-file.ts'
import type { SyntaxNode } from '#test/source-file.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const spokenAttributes = new Set(['aria-label', 'title', 'placeholder', 'alt', 'label', 'aria-description'])
const hasLetters = (text: unknown) => typeof text === 'string' && /\p{L}/u.test(text)

/** Words on the screen that are in no catalogue: text between tags outside `Trans`, and plain strings in attributes that are read out. */
function hardCoded(program: unknown): string[] {
  const found: string[] = []
  const translated: [number, number][] = []
  const texts: SyntaxNode[] = []
  walkSyntax(program, (node) => {
    if (node.type === 'JSXElement' && nameOf(node['openingElement']) === 'Trans') translated.push([node.start, node.end])
    if (node.type === 'JSXText' && hasLetters(node['value'])) texts.push(node)
    if (node.type !== 'JSXAttribute' || !spokenAttributes.has(nameOf(node))) return
    const value = node['value'] as SyntaxNode | null
    if (value?.type === 'Literal' && hasLetters(value['value'])) found.push(String(value['value']))
  })
  const outside = texts.filter((text) => !translated.some(([start, end]) => start <= text.start && text.end <= end))
  return [...found, ...outside.map((text) => String(text['value']).trim())]
}

const nameOf = (node: unknown): string => String(((node as SyntaxNode)['name'] as SyntaxNode)['name'])

test('no words on the screen outside the catalogues', () => {
  const views = readSources(root).filter(({ path }) => /^web-ui\/.*\.tsx$/.test(path))
  expect(views.length).toBeGreaterThan(40)
  expect(views.flatMap(({ path, program }) => hardCoded(program).map((words) => `${path}: ${words}`))).toEqual([])
})

test.each([
  ['<p>Hello</p>', ['Hello']],
  ['<b aria-label="Close" />', ['Close']],
  ['<Trans>Hello <b>you</b></Trans>', []],
  ['<b aria-label={t`Close`}>{name} · 3</b>', []],
])('%s has %j outside the catalogues', (jsx, words) => {
  expect(hardCoded(parseSource('example.tsx', jsx).program)).toEqual(words)
})

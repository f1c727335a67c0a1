import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { rules, sliceOrder } from './architecture.ts'
import { parseSource, readSources } from './source-file.ts'

const sources = readSources(fileURLToPath(new URL('..', import.meta.url)))

test('the sources are there', () => {
  expect(sources.length).toBeGreaterThan(100)
  expect(sliceOrder(sources).length).toBeGreaterThan(3)
})

test.each(Object.keys(rules))('%s', (name) => {
  expect(rules[name]!(sources)).toEqual([])
})

const slices = `
  import { accounts } from './accounts/slice.ts'
  import { rooms } from '#node/rooms/slice.ts'
  export const slices = [accounts, rooms]`

/** A violation of each rule, and the sentence that it must give. */
const planted: [rule: string, files: Record<string, string>, complaint: string][] = [
  [
    'topFoldersKnowTheirPlace',
    { 'spec/ids.ts': `import { a } from '#node/a.ts'` },
    'spec/ids.ts imports from node/, and spec/ may not',
  ],
  [
    'topFoldersKnowTheirPlace',
    { 'client-sdk/call.ts': `import type { A } from '../web-ui/a.ts'` },
    'client-sdk/call.ts imports from web-ui/, and client-sdk/ may not',
  ],
  [
    'topFoldersKnowTheirPlace',
    { 'node/a.ts': `export const a = () => import('#test/a.ts')` },
    'node/a.ts imports from test/, and node/ may not',
  ],
  [
    'onlyTheNodeUsesNode',
    { 'spec/a.ts': `import { readFileSync } from 'node:fs'` },
    'spec/a.ts imports node:fs, which spec/ may not use',
  ],
  [
    'onlyTheNodeUsesNode',
    { 'spec/a.ts': `import * as z from 'zod'` },
    'spec/a.ts imports zod, which spec/ may not use',
  ],
  [
    'onlyTheNodeUsesNode',
    { 'client-sdk/a.ts': `import 'node:crypto'` },
    'client-sdk/a.ts imports node:crypto, which client-sdk/ may not use',
  ],
  [
    'specIsLayered',
    { 'spec/room/auth.ts': `import { e } from '#spec/events/e.ts'` },
    'spec/room/auth.ts imports spec/events/e.ts, which stands above it in spec/',
  ],
  [
    'specIsLayered',
    { 'spec/ids.ts': `import { e } from './json.ts'` },
    'spec/ids.ts imports spec/json.ts, which stands above it in spec/',
  ],
  [
    'nodeIsLayered',
    { 'node/slices.ts': slices, 'node/accounts/log-in.ts': `import { a } from '#node/rooms/a.ts'` },
    'node/accounts/log-in.ts imports node/rooms/a.ts, which stands above it in node/',
  ],
  [
    'nodeIsLayered',
    { 'node/slices.ts': slices, 'node/stream/wake.ts': `import { a } from '#node/rooms/a.ts'` },
    'node/stream/wake.ts imports node/rooms/a.ts, which stands above it in node/',
  ],
  [
    'nodeIsLayered',
    { 'node/slices.ts': slices, 'node/lost/a.ts': '' },
    'node/lost/a.ts lies in a folder that is no slice of node/slices.ts',
  ],
  [
    'slicesAreLayered',
    { 'node/slices.ts': slices, 'node/rooms/store.ts': `import { sendEvent } from './send-event.ts'` },
    'node/rooms/store.ts imports node/rooms/send-event.ts, which stands above it in its slice',
  ],
  [
    'slicesAreLayered',
    { 'node/slices.ts': slices, 'node/rooms/send-event.ts': `import { routes } from './http.ts'` },
    'node/rooms/send-event.ts imports node/rooms/http.ts, which stands above it in its slice',
  ],
  [
    'slicesAreLayered',
    { 'node/slices.ts': slices, 'node/rooms/http.ts': `import { routes } from '#node/accounts/http.ts'` },
    'node/rooms/http.ts imports node/accounts/http.ts, a door of another slice',
  ],
  [
    'webUiIsLayered',
    { 'web-ui/parts/button.tsx': `import { a } from '../tiles/a.tsx'` },
    'web-ui/parts/button.tsx imports web-ui/tiles/a.tsx, which stands above it in web-ui/',
  ],
  [
    'webUiIsLayered',
    { 'web-ui/parts/button.tsx': `import { a } from '#client-sdk/room.ts'` },
    'web-ui/parts/button.tsx imports client-sdk/room.ts, and parts know nothing of Matrix',
  ],
  [
    'thereAreNoCircles',
    {
      'spec/a.ts': `import { b } from './b.ts'`,
      'spec/b.ts': `import { c } from './c.ts'`,
      'spec/c.ts': `export { a } from './a.ts'`,
    },
    'spec/a.ts -> spec/b.ts -> spec/c.ts -> spec/a.ts is a circle',
  ],
  [
    'filesAreNamedForWhatTheyHold',
    { 'node/rooms/room-utils.ts': 'export const a = 1' },
    'node/rooms/room-utils.ts is named for nothing it holds',
  ],
  [
    'filesAreNamedForWhatTheyHold',
    { 'spec/types.ts': 'export type A = 1' },
    'spec/types.ts is named for nothing it holds',
  ],
  [
    'filesAreNamedForWhatTheyHold',
    { 'node/rooms/sendEvent.ts': 'export const a = 1' },
    'node/rooms/sendEvent.ts is not in small letters with hyphens',
  ],
  [
    'filesAreNamedForWhatTheyHold',
    { 'spec/all.ts': `export * from './a.ts'` },
    'spec/all.ts only passes on what others export',
  ],
  [
    'filesAreNamedForWhatTheyHold',
    { 'spec/all.ts': `export { a } from './a.ts'\nexport { b } from './b.ts'` },
    'spec/all.ts only passes on what others export',
  ],
  [
    'importsAreWrittenOneWay',
    { 'node/a.ts': `import { a } from '../spec/a.ts'` },
    'node/a.ts imports ../spec/a.ts: write #spec/a.ts',
  ],
  ['importsAreWrittenOneWay', { 'node/a.ts': `import { a } from './b'` }, 'node/a.ts imports ./b without its ending'],
  ['filesAreSmall', { 'node/a.ts': '//\n'.repeat(501) }, 'node/a.ts has 501 lines; 500 is the most'],
  [
    'sqlStandsInStores',
    { 'node/rooms/send-event.ts': 'export const a = (tx: Tx) => tx`\n select 1`' },
    'node/rooms/send-event.ts holds SQL; it belongs in a store.ts',
  ],
  [
    'sqlStandsInStores',
    { 'node/rooms/store.ts': `import postgres from 'postgres'` },
    'node/rooms/store.ts imports postgres; connections are opened in node/db',
  ],
  ['errorsAreNotSwallowed', { 'node/a.ts': 'try { a() } catch { /* fine */ }' }, 'node/a.ts swallows an error'],
  ['noRuleIsSwitchedOff', { 'node/a.ts': `// ${'@ts-'}ignore\na()` }, 'node/a.ts switches a rule off'],
]

test.each(planted.map(([name, files, complaint]) => [complaint, name, files] as const))(
  'sees: %s',
  (complaint, name, files) => {
    const parsed = Object.entries(files).map(([path, text]) => parseSource(path, text))
    expect(rules[name]!(parsed)).toContain(complaint)
  },
)

test('every rule has a planted violation', () => {
  expect(new Set(planted.map(([name]) => name))).toEqual(new Set(Object.keys(rules)))
})

test('what is allowed is let through', () => {
  const files = {
    'node/slices.ts': slices,
    'node/main.ts': `import { slices } from './slices.ts'`,
    'node/rooms/slice.ts': `import { routes } from './http.ts'`,
    'node/rooms/http.ts': `import { send } from './send-event.ts'\nimport { who } from '#node/accounts/find.ts'`,
    'node/rooms/send-event.ts': `import { insert } from './store.ts'\nimport type { Later } from './http.ts'`,
    'node/rooms/store.ts': 'export const insert = (tx: Tx) => tx`insert into a values (1)`',
    'node/rooms/send-event.test.ts': `import { world } from '#test/world.ts'\nimport { readFileSync } from 'node:fs'`,
    'node/accounts/find.ts': 'export const who = (name: string) => `select ${name}`',
    'spec/room/auth.ts': '//\n'.repeat(900),
    'web-ui/screens/chat/view.tsx': `import { Button } from '../../parts/button.tsx'\nimport css from './view.module.css'`,
  }
  const parsed = Object.entries(files).map(([path, text]) => parseSource(path, text))
  for (const [name, rule] of Object.entries(rules)) expect([name, rule(parsed)]).toEqual([name, []])
})

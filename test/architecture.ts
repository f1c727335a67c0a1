import { basename } from 'node:path'
import { type SourceFile, type SyntaxNode, walkSyntax } from './source-file.ts'

/** Who may import whom, in words. Each rule gives one sentence for each violation. */
export type Rule = (files: readonly SourceFile[]) => string[]

const isTest = (path: string): boolean =>
  /\.test\.tsx?$/.test(path) || path.startsWith('test/') || /\/(testing|vectors)\//.test(path)
/** Runs when the web app is built. */
const isTool = (path: string): boolean => /\.config\.ts$|^web-ui\/lingui-macros\.ts$/.test(path)
/** Modules that run in the product: the rules about knowing one another are for them. */
const products = (files: readonly SourceFile[]): SourceFile[] =>
  files.filter((file) => !isTest(file.path) && !isTool(file.path))
const topOf = (path: string): string => path.split('/')[0] ?? ''

const neighbours: Readonly<Record<string, readonly string[]>> = {
  spec: [],
  'client-sdk': ['spec'],
  'web-ui': ['client-sdk', 'spec'],
  node: ['spec'],
}

/** spec -> nothing of ours; client-sdk -> spec; web-ui -> client-sdk, spec; node -> spec; test -> everything. */
export const topFoldersKnowTheirPlace: Rule = (files) =>
  products(files).flatMap((file) => {
    const from = topOf(file.path)
    return file.imports
      .map((one) => topOf(one.target ?? file.path))
      .filter((to) => to !== from && !neighbours[from]?.includes(to))
      .map((to) => `${file.path} imports from ${to}/, and ${from}/ may not`)
  })

/** spec/ reaches no network, no disk, no clock and no chance; the client runs in a browser. */
export const onlyTheNodeUsesNode: Rule = (files) => {
  const allowed: Readonly<Record<string, RegExp>> = {
    spec: /^zod\/mini$/,
    'client-sdk': /^(?!node:|postgres$|pino$|undici$|ws$|hono)/,
    'web-ui': /^(?!node:|postgres$|pino$|undici$|ws$|hono)/,
  }
  return products(files).flatMap((file) =>
    file.imports
      .filter((one) => one.target === undefined && !(allowed[topOf(file.path)]?.test(one.specifier) ?? true))
      .map((one) => `${file.path} imports ${one.specifier}, which ${topOf(file.path)}/ may not use`),
  )
}

/** A rank per file: a file imports from its own rank and those below. `undefined`: the order says nothing of it. */
type RankOf = (path: string) => number | undefined

const inOrder =
  (name: string, rankOf: RankOf): Rule =>
  (files) =>
    products(files).flatMap((file) => {
      const own = rankOf(file.path)
      if (own === undefined) return []
      return file.imports
        .filter((one) => !one.isType && one.target !== undefined && (rankOf(one.target) ?? 0) > own)
        .map((one) => `${file.path} imports ${one.target}, which stands above it in ${name}`)
    })

const rankBy =
  (ranks: readonly RegExp[]): RankOf =>
  (path) => {
    const rank = ranks.findIndex((pattern) => pattern.test(path))
    return rank === -1 ? undefined : rank
  }

/** api, extensions -> events, push -> room -> sign, json -> ids, errors, limits -> endpoint. */
export const specIsLayered: Rule = inOrder(
  'spec/',
  rankBy([
    /^spec\/endpoint\.ts$/,
    /^spec\/(ids|errors|limits)\.ts$/,
    /^spec\/(sign|json)\.ts$/,
    /^spec\/(room|keys)\//,
    /^spec\/(events|push)\//,
    /^spec\/(api|extensions)\//,
  ]),
)

/** main -> slices -> [slice n] -> [slices before n] -> http, jobs, stream, db -> deps, config. */
export const nodeIsLayered: Rule = (files) => {
  const order = sliceOrder(files)
  const rank: RankOf = (path) => {
    const [, folder = '', rest] = /^node\/([^/]+)(\/.*)?$/.exec(path) ?? []
    if (rest === undefined) {
      return { 'main.ts': 1002, 'start-node.ts': 1001, 'slices.ts': 1000, 'deps.ts': 0, 'config.ts': 0 }[folder] ?? 0
    }
    if (folder === 'db' || folder === 'outside') return 0
    if (['http', 'jobs', 'stream'].includes(folder)) return 1
    const place = order.indexOf(folder)
    return place === -1 ? undefined : place + 2
  }
  const unknown = products(files)
    .filter((file) => /^node\/[^/]+\//.test(file.path) && rank(file.path) === undefined)
    .map((file) => `${file.path} lies in a folder that is no slice of node/slices.ts`)
  return [...new Set(unknown), ...inOrder('node/', rank)(files)]
}

/** The slices by folder name, as node/slices.ts lists them. */
export function sliceOrder(files: readonly SourceFile[]): string[] {
  const list = files.find((file) => file.path === 'node/slices.ts')
  if (!list) return []
  const folderOf = new Map<string, string>()
  const order: string[] = []
  walkSyntax(list.program, (node) => {
    if (node.type === 'ImportDeclaration') noteImport(node, folderOf)
    if (node.type !== 'ArrayExpression') return
    for (const element of node['elements'] as SyntaxNode[]) order.push(folderOf.get(String(element['name'])) ?? '')
  })
  return order
}

function noteImport(node: SyntaxNode, folderOf: Map<string, string>): void {
  const [, folder] = /([a-z-]+)\/slice\.ts$/.exec(String((node['source'] as SyntaxNode)['value'])) ?? []
  if (folder === undefined) return
  for (const specifier of node['specifiers'] as SyntaxNode[]) {
    folderOf.set(String((specifier['local'] as SyntaxNode)['name']), folder)
  }
}

/** slice -> http, on-events, jobs -> <verb> -> store. And nobody outside sees a slice's doors, only what stands behind them. */
export const slicesAreLayered: Rule = (files) => {
  const slices = new Set(sliceOrder(files))
  const sliceOf = (path: string) => {
    const [, folder = '', name = ''] = /^node\/([^/]+)\/([^/]+)$/.exec(path) ?? []
    return slices.has(folder) ? { folder, name } : undefined
  }
  const rank = (name: string) =>
    name === 'slice.ts' ? 3 : /^(http|on-events|jobs)\.ts$/.test(name) ? 2 : name === 'store.ts' ? 0 : 1
  return products(files).flatMap((file) => {
    const own = sliceOf(file.path)
    if (!own) return []
    return file.imports.flatMap((one) => {
      const other = one.isType || one.target === undefined ? undefined : sliceOf(one.target)
      if (!other) return []
      const inside = other.folder === own.folder
      if (inside && rank(other.name) > rank(own.name))
        return [`${file.path} imports ${one.target}, which stands above it in its slice`]
      if (!inside && rank(other.name) > 1) return [`${file.path} imports ${one.target}, a door of another slice`]
      return []
    })
  })
}

/** screens -> tiles, commands -> parts; and parts know nothing of Matrix. */
export const webUiIsLayered: Rule = (files) => {
  const order = inOrder(
    'web-ui/',
    rankBy([/^web-ui\/parts\//, /^web-ui\/(tiles|commands)\//, /^web-ui\/screens\//, /^web-ui\/(app|main)\.tsx$/]),
  )
  const learned = products(files)
    .filter((file) => file.path.startsWith('web-ui/parts/'))
    .flatMap((file) =>
      file.imports
        .filter((one) => !one.isType && /^(client-sdk\/(?!platform\.ts$)|spec\/)/.test(one.target ?? ''))
        .map((one) => `${file.path} imports ${one.target}, and parts know nothing of Matrix`),
    )
  return [...order(files), ...learned]
}

/** A circle of imports by value: whichever file of it runs first finds another one empty. */
export const thereAreNoCircles: Rule = (files) => {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const state = new Map<string, 'open' | 'done'>()
  const found: string[] = []
  const visit = (path: string, trail: readonly string[]) => {
    if (state.get(path) === 'open')
      found.push(`${[...trail.slice(trail.indexOf(path)), path].join(' -> ')} is a circle`)
    if (state.has(path)) return
    state.set(path, 'open')
    for (const one of byPath.get(path)?.imports ?? []) {
      if (!one.isType && one.target !== undefined) visit(one.target, [...trail, path])
    }
    state.set(path, 'done')
  }
  for (const file of files) visit(file.path, [])
  return found
}

const drawers =
  /^(index|utils?|helpers?|common|types|shared|misc|base|impl|[a-z-]+-(utils?|helpers?|manager|service|impl))\.tsx?$/

/** A file is named for what it holds, in small letters; there is no drawer for the rest, and no file that only passes on. */
export const filesAreNamedForWhatTheyHold: Rule = (files) =>
  files.flatMap((file) => {
    const name = basename(file.path)
    const complaints = []
    if (drawers.test(name)) complaints.push(`${file.path} is named for nothing it holds`)
    if (!/^[a-z0-9]+([.-][a-z0-9]+)*\.tsx?$/.test(name))
      complaints.push(`${file.path} is not in small letters with hyphens`)
    if (/(^|\/)(utils?|helpers?|common|shared)\//.test(file.path)) complaints.push(`${file.path} lies in a drawer`)
    if (isBarrel(file)) complaints.push(`${file.path} only passes on what others export`)
    return complaints
  })

function isBarrel(file: SourceFile): boolean {
  const { body } = file.program as { body: SyntaxNode[] }
  const passesOn = (node: SyntaxNode) =>
    node.type === 'ExportAllDeclaration' || (node.type === 'ExportNamedDeclaration' && !!node['source'])
  return body.some((node) => node.type === 'ExportAllDeclaration') || (body.length > 0 && body.every(passesOn))
}

/** Inside a folder by the relative path, across the top folders by the name of the top folder. */
export const importsAreWrittenOneWay: Rule = (files) =>
  files.flatMap((file) =>
    file.imports.flatMap((one) => {
      if (one.target === undefined) return []
      const complaints = []
      if (!/\.[a-z]+(\?[a-z]+)?$/.test(one.specifier))
        complaints.push(`${file.path} imports ${one.specifier} without its ending`)
      if (one.specifier.startsWith('.') && topOf(one.target) !== topOf(file.path)) {
        complaints.push(`${file.path} imports ${one.specifier}: write #${one.target}`)
      }
      return complaints
    }),
  )

const largest = 500
const mayBeLarger = /^spec\/(api\/.*|room\/auth\.ts)$/

export const filesAreSmall: Rule = (files) =>
  files
    .filter((file) => file.lines > largest && !mayBeLarger.test(file.path))
    .map((file) => `${file.path} has ${file.lines} lines; ${largest} is the most`)

const statement = /^\s*(select|insert|update|delete|with|create|alter|drop|truncate|lock|listen|notify|set)\s/i
const mayHoldSql = /^node\/(db|stream)\/|^node\/([^/]+\/)+store\.ts$/

/** SQL stands in store.ts, in node/db and in node/stream, and nowhere else; and only node/db opens connections. */
export const sqlStandsInStores: Rule = (files) =>
  products(files).flatMap((file) => {
    const complaints: string[] = []
    if (!file.path.startsWith('node/db/') && file.imports.some((one) => one.specifier === 'postgres' && !one.isType)) {
      complaints.push(`${file.path} imports postgres; connections are opened in node/db`)
    }
    if (mayHoldSql.test(file.path) || topOf(file.path) !== 'node') return complaints
    walkSyntax(file.program, (node) => {
      if (node.type !== 'TaggedTemplateExpression') return
      const { start, end } = node['quasi'] as SyntaxNode
      if (statement.test(file.text.slice(start + 1, end)))
        complaints.push(`${file.path} holds SQL; it belongs in a store.ts`)
    })
    return complaints
  })

/** An empty catch. */
export const errorsAreNotSwallowed: Rule = (files) =>
  files.flatMap((file) => {
    const complaints: string[] = []
    walkSyntax(file.program, (node) => {
      const body = node.type === 'CatchClause' ? (node['body'] as SyntaxNode) : undefined
      if (body && (body['body'] as unknown[]).length === 0) complaints.push(`${file.path} swallows an error`)
    })
    return complaints
  })

/** A file that disables a rule where it stands, or asks the compiler to look away. */
export const noRuleIsSwitchedOff: Rule = (files) =>
  files
    .filter((file) => new RegExp(['(eslint|oxlint)-disable', '@ts-(ignore|nocheck)'].join('|')).test(file.text))
    .filter((file) => !file.path.startsWith('test/architecture'))
    .map((file) => `${file.path} switches a rule off`)

export const rules: Readonly<Record<string, Rule>> = {
  topFoldersKnowTheirPlace,
  onlyTheNodeUsesNode,
  specIsLayered,
  nodeIsLayered,
  slicesAreLayered,
  webUiIsLayered,
  thereAreNoCircles,
  filesAreNamedForWhatTheyHold,
  importsAreWrittenOneWay,
  filesAreSmall,
  sqlStandsInStores,
  errorsAreNotSwallowed,
  noRuleIsSwitchedOff,
}

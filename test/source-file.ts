import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { parseSync } from 'vite'

/** A module as the architecture sees it. */
export interface SourceFile {
  /** From the root, with slashes: `node/rooms/store.ts`. */
  readonly path: string
  readonly text: string
  readonly lines: number
  readonly imports: readonly Import[]
  readonly program: unknown
}

export interface Import {
  /** As written: `#spec/ids.ts`, `./store.ts`, `zod/mini`. */
  readonly specifier: string
  /** The file meant, from the root, if it is one of ours. */
  readonly target: string | undefined
  /** Erased before running: it makes nobody wait, and no circle. */
  readonly isType: boolean
}

/** The folders that hold the product. `launcher/` runs before anything is installed and stands outside. */
export const topFolders = ['spec', 'node', 'client-sdk', 'web-ui', 'test'] as const

export function readSources(root: string): SourceFile[] {
  return topFolders
    .flatMap((folder) => walk(root, folder))
    .map((path) => parseSource(path, readFileSync(join(root, path), 'utf8')))
}

function walk(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.name !== 'dist' && entry.name !== 'node_modules')
    .flatMap((entry) => (entry.isDirectory() ? walk(root, `${folder}/${entry.name}`) : [`${folder}/${entry.name}`]))
    .filter((path) => /(?<!\.d)\.tsx?$/.test(path))
    .toSorted()
}

export function parseSource(path: string, text: string): SourceFile {
  const { program, module, errors } = parseSync(path, text)
  if (errors[0]) throw new Error(`${path}: ${errors[0].message}`)
  const withoutNames = (from: number, to: number) => /^import\s*(['"])/.test(text.slice(from, to))
  const staticImports = module.staticImports.map((one) => ({
    specifier: one.moduleRequest.value,
    isType: !withoutNames(one.start, one.end) && one.entries.every((entry) => entry.isType),
  }))
  const dynamicImports = module.dynamicImports.flatMap(({ moduleRequest: { start, end } }) => {
    const [, specifier] = /^['"](.*)['"]$/.exec(text.slice(start, end)) ?? []
    return specifier === undefined ? [] : [{ specifier, isType: false }]
  })
  const passedOn = module.staticExports.flatMap((one) =>
    one.entries.flatMap((entry) => (entry.moduleRequest ? [{ ...entry, specifier: entry.moduleRequest.value }] : [])),
  )
  const imports = [
    ...staticImports,
    ...dynamicImports,
    ...passedOn.map(({ specifier, isType }) => ({ specifier, isType })),
  ]
  return {
    path,
    text,
    lines: text.split('\n').length - 1,
    imports: imports.map((one) => ({ ...one, target: targetOf(path, one.specifier) })),
    program,
  }
}

function targetOf(path: string, specifier: string): string | undefined {
  if (specifier.startsWith('#')) return specifier.slice(1)
  if (specifier.startsWith('.')) return normalize(join(dirname(path), specifier)).replaceAll('\\', '/')
  return undefined
}

/** A node of the syntax tree, as far as anybody here cares. */
export interface SyntaxNode {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

/** Calls `visit` for every node of the tree. */
export function walkSyntax(tree: unknown, visit: (node: SyntaxNode) => void): void {
  if (Array.isArray(tree)) return tree.forEach((part) => walkSyntax(part, visit))
  if (typeof tree !== 'object' || tree === null) return
  if ('type' in tree && typeof tree.type === 'string') visit(tree as SyntaxNode)
  for (const part of Object.values(tree)) walkSyntax(part, visit)
}

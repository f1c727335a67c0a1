import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { beforeAll, expect, test, vi } from 'vitest'

const configFile = fileURLToPath(new URL('vite.config.ts', import.meta.url))
const files = new Map<string, string | Uint8Array>()
const gzipped = (name: string) => gzipSync(files.get(name)!).length
const total = (names: readonly string[]) => names.reduce((sum, name) => sum + gzipped(name), 0)

beforeAll(async () => {
  // As the launcher builds it: else React comes with its development checks.
  vi.stubEnv('NODE_ENV', 'production')
  const result = await build({ configFile, logLevel: 'silent', build: { write: false } })
  const { output } = result as Extract<typeof result, { output: unknown }>
  for (const file of output) files.set(file.fileName, file.type === 'chunk' ? file.code : file.source)
  vi.unstubAllEnvs()
}, 60_000)

const page = () => String(files.get('index.html'))
const linked = (ending: string) =>
  [...page().matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)]
    .map((found) => found[1]!)
    .filter((name) => name.endsWith(ending))
/** The larger of the two catalogues: one is fetched with the first screen. */
const catalogue = () =>
  Math.max(...[...files.keys()].filter((name) => /\/(en|tr)-[^/]+\.js$/.test(name) && isCatalogue(name)).map(gzipped))
const isCatalogue = (name: string) => String(files.get(name)).includes('messages')

test('the first screen takes at most 170 kB of JavaScript and 25 kB of CSS, gzipped', () => {
  const js = total(linked('.js')) + catalogue()
  const css = total(linked('.css'))
  console.info(`first paint: ${(js / 1000).toFixed(1)} kB JavaScript, ${(css / 1000).toFixed(1)} kB CSS, gzipped`)
  expect(linked('.js').length).toBeGreaterThan(0)
  expect(js).toBeLessThanOrEqual(170_000)
  expect(css).toBeLessThanOrEqual(25_000)
})

test('the first screen takes at most eight requests: page, theme, scripts, styles, one catalogue', () => {
  expect(3 + linked('.js').length + linked('.css').length).toBeLessThanOrEqual(8)
})

test('nothing is inline, as the content security policy asks', () => {
  expect(page()).not.toMatch(/<script(?![^>]*\ssrc=)[^>]*>|<style|\sstyle=|\son\w+=/)
})

test('no fonts, and nothing from anywhere else', () => {
  expect([...files.keys()].filter((name) => /\.(woff2?|ttf|otf)$/.test(name))).toEqual([])
  const styles = [...files.keys()].filter((name) => name.endsWith('.css')).map((name) => String(files.get(name)))
  for (const text of [page(), ...styles]) expect(text).not.toMatch(/(?:src|href)="https?:|url\(['"]?(?:https?:)?\/\//)
})

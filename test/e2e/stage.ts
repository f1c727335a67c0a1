import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { chromiumPath } from '#test/chromium.ts'
import type { WorldNode } from '#test/world-node.ts'
import { world, type World } from '#test/world.ts'
import { watch } from './watch.ts'

export const phone = { width: 390, height: 844 }
export const desktop = { width: 1280, height: 800 }

export interface Look {
  readonly size?: { readonly width: number; readonly height: number }
  readonly language?: 'en-GB' | 'tr-TR'
  readonly theme?: 'light' | 'dark'
}

/** One node and one browser for a file of journeys. Each window is a device of its own, with a store of its own. */
export interface Stage {
  readonly node: WorldNode
  /** Opens a window, which is closed after the test. */
  open(path: string, look?: Look): Promise<Page>
  /** What must go wrong in this test, at least once, as `watch` words it. */
  expectProblem(problem: RegExp): void
}

/**
 * Begins a file of journeys. After each test it fails where a window has met an error, a violation of the content security policy, a
 * refused call, or a request to anywhere but the node.
 */
export function useStage(settings: Readonly<Record<string, string>> = {}): Stage {
  let homes: World
  let browser: Browser
  const contexts: BrowserContext[] = []
  const problems: string[] = []
  const expected: RegExp[] = []

  beforeAll(async () => {
    const executablePath = await chromiumPath()
    const isRoot = process.getuid?.() === 0
    const args = isRoot ? ['--no-sandbox'] : []
    ;[homes, browser] = await Promise.all([world({ settings }), chromium.launch({ executablePath, args })])
  }, 60_000)

  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()))
    const patterns = expected.splice(0)
    const met = problems.splice(0)
    const unexpected = met.filter((problem) => !patterns.some((pattern) => pattern.test(problem)))
    expect(unexpected, 'what went wrong in the windows').toEqual([])
    const missed = patterns.filter((pattern) => !met.some((problem) => pattern.test(problem)))
    expect(missed, 'what should have gone wrong in the windows').toEqual([])
  })

  afterAll(async () => {
    await browser?.close()
    await homes?.stop()
  })

  const stage: Stage = {
    get node() {
      return homes.nodes[0]!
    },
    async open(path, { size = desktop, language = 'en-GB', theme = 'light' } = {}) {
      const context = await browser.newContext({
        baseURL: stage.node.baseUrl,
        viewport: size,
        deviceScaleFactor: 1,
        hasTouch: size.width < 720,
        isMobile: size.width < 720,
        locale: language,
        colorScheme: theme,
        reducedMotion: 'reduce',
      })
      context.setDefaultTimeout(10_000)
      contexts.push(context)
      await watch(context, stage.node.baseUrl, (problem) => problems.push(problem))
      const page = await context.newPage()
      await page.goto(path)
      return page
    },
    expectProblem: (problem) => void expected.push(problem),
  }
  return stage
}

/** Keeps a picture of a window in the folder that `HEARTH_SCREENSHOTS` names, where it names one. */
export async function shot(page: Page, name: string): Promise<void> {
  const folder = process.env['HEARTH_SCREENSHOTS']
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' })
}

import { fileURLToPath } from 'node:url'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))

/** What decides what happened in a room. Run from the root of the clone by `npm run mutate`. */
export default {
  plugins: [here('node_modules/@stryker-mutator/vitest-runner/dist/src/index.js')],
  testRunner: 'vitest',
  vitest: { configFile: here('vitest.config.ts'), related: false },
  mutate: [
    'spec/json.ts',
    'spec/sign.ts',
    'spec/room/auth.ts',
    'spec/room/visible.ts',
    'spec/room/resolve/*.ts',
    '!spec/**/*.test.ts',
  ],
  ignorePatterns: ['web-ui', 'client-sdk', 'node', 'docs', 'test/e2e', 'test/mutation', '.hearth', 'data'],
  coverageAnalysis: 'perTest',
  // It would rewrite the compiler's settings by an interface that TypeScript 7 has not; nothing is compiled here.
  tsconfigFile: 'test/mutation/none.json',
  concurrency: 2,
  timeoutMS: 10_000,
  reporters: ['clear-text', 'json'],
  jsonReporter: { fileName: '.hearth/mutation/report.json' },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportMutants: false },
  tempDirName: '.hearth/mutation/sandbox',
  thresholds: { high: 95, low: 85, break: 85 },
}

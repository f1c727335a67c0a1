import { defineConfig } from 'vitest/config'

/** For `npm run check`: the tests that read the sources need no Postgres. */
export default defineConfig({
  test: { include: ['test/compose.test.ts', 'test/architecture.test.ts', 'test/lint.test.ts'], testTimeout: 30_000 },
})

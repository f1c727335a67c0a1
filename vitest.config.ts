import { defineConfig } from 'vitest/config'
import { linguiMacros } from './web-ui/lingui-macros.ts'

export default defineConfig({
  plugins: [linguiMacros()],
  test: {
    include: ['{spec,node,client-sdk,web-ui,launcher,test}/**/*.test.{ts,tsx}'],
    globalSetup: ['test/postgres-server.ts'],
    pool: 'forks',
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // A promise that nobody awaits is a bug wherever it fails.
    dangerouslyIgnoreUnhandledErrors: false,
  },
})

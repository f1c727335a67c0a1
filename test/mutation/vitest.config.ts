import { defineConfig } from 'vitest/config'

/** The tests that a mutant has to get past: those of the protocol, which need no database. */
export default defineConfig({
  test: {
    include: ['spec/{json,sign}.test.ts', 'spec/room/**/*.test.ts', 'spec/vectors/*.test.ts', 'test/oracle/*.test.ts'],
    testTimeout: 20_000,
  },
})

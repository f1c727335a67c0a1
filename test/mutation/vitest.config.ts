import { defineConfig } from 'vitest/config'

/** The tests that a planted fault has to get past: those beside the code. The oracle would find more, and take hours. */
export default defineConfig({
  test: {
    include: ['spec/{json,sign}.test.ts', 'spec/room/**/*.test.ts', 'spec/vectors/*.test.ts'],
    // It reads the rules as they are written, and here they are written with all faults in them.
    exclude: ['spec/room/rule-numbers.test.ts'],
    testTimeout: 20_000,
  },
})

import { fileURLToPath } from 'node:url'
import { defineConfig } from '@lingui/conf'
import { formatter } from '@lingui/format-po'

export default defineConfig({
  rootDir: fileURLToPath(new URL('.', import.meta.url)),
  // Without line numbers a catalogue changes only when a text does.
  format: formatter({ lineNumbers: false }),
  sourceLocale: 'en',
  locales: ['en', 'tr'],
  catalogs: [
    {
      path: '<rootDir>/locales/{locale}',
      include: ['<rootDir>/**/*.{ts,tsx}'],
      exclude: ['**/dist/**', '**/*.test.*'],
    },
  ],
})

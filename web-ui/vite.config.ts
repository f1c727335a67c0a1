import { fileURLToPath } from 'node:url'
import { lingui } from '@lingui/vite-plugin'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { linguiConfig, linguiMacros } from './lingui-macros.ts'

const root = fileURLToPath(new URL('.', import.meta.url))

/** Where the dev server finds a running node. */
const node = 'http://127.0.0.1:8008'

export default defineConfig({
  root,
  base: '/',
  plugins: [react(), lingui({ ...linguiConfig, failOnMissing: true, failOnCompileError: true }), linguiMacros()],
  css: { transformer: 'lightningcss', modules: { localsConvention: 'camelCaseOnly' } },
  build: {
    outDir: `${root}dist`,
    emptyOutDir: true,
    assetsDir: 'assets',
    // The node sends `img-src 'self' data: blob:` and no inline script or style: nothing may be inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: ['chrome100', 'safari15.4', 'firefox115'],
    cssTarget: ['chrome100', 'safari15.4', 'firefox115'],
    // One file for everything that more than one screen uses, instead of a request for each small part.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'shared', minShareCount: 2 }] } } },
  },
  server: {
    host: '127.0.0.1',
    proxy: {
      '/_matrix': node,
      '/.well-known': node,
      '/_hearth': { target: node, ws: true },
    },
  },
})

import { fileURLToPath } from 'node:url'
import babel from '@rolldown/plugin-babel'
import { getConfig } from '@lingui/conf'
import { linguiTransformerBabelPreset } from '@lingui/vite-plugin'

export const linguiConfig = { configPath: fileURLToPath(new URL('lingui.config.ts', import.meta.url)) }

/** Turns texts in code (`t`, `msg`, `Trans`, `Plural`) into look-ups of the catalogues: in the build and in tests alike. */
export const linguiMacros = () =>
  babel({ presets: [linguiTransformerBabelPreset({ linguiConfig: getConfig(linguiConfig) }, linguiConfig)] })

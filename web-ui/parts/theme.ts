import { createStore } from 'zustand/vanilla'
import { keep, kept } from './kept.ts'

export type Theme = 'auto' | 'light' | 'dark'

const isTheme = (value: string | undefined): value is Theme => value === 'auto' || value === 'light' || value === 'dark'

const read = (): Theme => {
  const value = kept('theme')
  return isTheme(value) ? value : 'auto'
}

/** The chosen theme. `public/theme.js` reads the same kept value before the first paint. */
export const themeStore = createStore<{ theme: Theme }>(() => ({ theme: read() }))

export function setTheme(theme: Theme): void {
  keep('theme', theme)
  if (theme === 'auto') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
  themeStore.setState({ theme })
}

import { i18n } from '@lingui/core'
import type { Messages } from '@lingui/core'
import { keep, kept } from './kept.ts'

/** Every language of the app, under its own name. Adding one: this list, `lingui.config.ts`, a catalogue in `locales/`. */
export const languages = [
  { value: 'en', label: 'English' },
  { value: 'tr', label: 'Türkçe' },
] as const

export type Language = (typeof languages)[number]['value']

const catalogues: Record<Language, () => Promise<{ messages: Messages }>> = {
  en: () => import('../locales/en.po'),
  tr: () => import('../locales/tr.po'),
}

const isLanguage = (value: string | undefined): value is Language =>
  languages.some((language) => language.value === value)

/** The chosen language, else the first of the browser's that we speak, else English. */
export function startLanguage(choices: readonly string[]): Language {
  const chosen = kept('language')
  if (isLanguage(chosen)) return chosen
  return choices.map((choice) => choice.slice(0, 2)).find(isLanguage) ?? 'en'
}

export async function activateLanguage(language: Language): Promise<void> {
  const { messages } = await catalogues[language]()
  i18n.loadAndActivate({ locale: language, messages })
  document.documentElement.lang = language
}

export async function chooseLanguage(language: Language): Promise<void> {
  keep('language', language)
  await activateLanguage(language)
}

import { useLingui } from '@lingui/react/macro'
import { Choice } from './choice.tsx'
import { chooseLanguage, languages } from './locale.ts'
import type { Language } from './locale.ts'

const options = languages.map((language) => ({ ...language, lang: language.value }))

/** Applied at once, and kept on this device. */
export function LanguageChoice({ labelled = false }: { labelled?: boolean }) {
  const { i18n, t } = useLingui()
  return (
    <Choice
      label={t`Language`}
      hideLabel={!labelled}
      compact={!labelled}
      options={options}
      value={i18n.locale as Language}
      onChange={(language) => void chooseLanguage(language)}
    />
  )
}

import { Plural, Trans } from '@lingui/react/macro'
import type { Strength } from './password-strength.ts'
import { shortestPassword } from './password-strength.ts'
import css from './strength-line.module.css'

function StrengthText({ strength }: { strength: Strength }) {
  switch (strength) {
    case 'none':
    case 'short':
      return (
        <Plural
          value={shortestPassword}
          one="At least # character. A few words are best."
          other="At least # characters. A few words are best."
        />
      )
    case 'weak':
      return <Trans>Easy to guess</Trans>
    case 'fair':
      return <Trans>Fair. One more word makes it strong.</Trans>
    case 'strong':
      return <Trans>Strong</Trans>
  }
}

/** Three small bars and the word for them. */
export function StrengthLine({ strength }: { strength: Strength }) {
  return (
    <span className={css.line} data-strength={strength}>
      {strength !== 'none' && strength !== 'short' && (
        <span className={css.bars} aria-hidden>
          <i />
          <i />
          <i />
        </span>
      )}
      <StrengthText strength={strength} />
    </span>
  )
}

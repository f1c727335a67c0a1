import { Trans } from '@lingui/react/macro'
import css from './read-only.module.css'

export function ReadOnly() {
  return (
    <p className={css.line}>
      <Trans>You can read here, not write.</Trans>
    </p>
  )
}

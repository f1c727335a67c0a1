import { useLingui } from '@lingui/react/macro'
import { ArrowLeft, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { cx } from './cx.ts'
import { IconButton } from './icon-button.tsx'
import css from './pane-header.module.css'

/** The head of a pane: the way back where there is one, the title, what can be done. Beside what it belongs to, a pane is closed instead. */
export function PaneHeader({
  title,
  onBack,
  beside = false,
  children,
}: {
  title: ReactNode
  onBack?: () => void
  /** On wide screens the pane stands beside what one would go back to. */
  beside?: boolean
  children?: ReactNode
}) {
  const { t } = useLingui()
  return (
    <div className={css.header}>
      {onBack && (
        <IconButton label={t`Back`} className={cx(css.back, beside && css.narrow)} onClick={onBack}>
          <ArrowLeft aria-hidden />
        </IconButton>
      )}
      <h1 className={css.title} data-small={onBack ? '' : undefined}>
        {title}
      </h1>
      {children}
      {onBack && beside && (
        <IconButton label={t`Close`} className={css.wide} onClick={onBack}>
          <X aria-hidden />
        </IconButton>
      )}
    </div>
  )
}

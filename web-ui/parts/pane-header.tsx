import { useLingui } from '@lingui/react/macro'
import { ArrowLeft } from 'lucide-react'
import type { ReactNode } from 'react'
import { IconButton } from './icon-button.tsx'
import css from './pane-header.module.css'

/** The head of a pane: the way back where there is one, the title, what can be done. */
export function PaneHeader({
  title,
  onBack,
  children,
}: {
  title: ReactNode
  onBack?: () => void
  children?: ReactNode
}) {
  const { t } = useLingui()
  return (
    <div className={css.header}>
      {onBack && (
        <IconButton label={t`Back`} className={css.back} onClick={onBack}>
          <ArrowLeft aria-hidden />
        </IconButton>
      )}
      <h1 className={css.title} data-small={onBack ? '' : undefined}>
        {title}
      </h1>
      {children}
    </div>
  )
}

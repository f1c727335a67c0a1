import type { ReactNode } from 'react'
import css from './empty-state.module.css'

export interface EmptyStateProps {
  icon: ReactNode
  title: ReactNode
  children?: ReactNode
  action?: ReactNode
}

/** What a place says while there is nothing in it: one sentence and one thing to do. */
export function EmptyState({ icon, title, children, action }: EmptyStateProps) {
  return (
    <div className={css.empty}>
      <div className={css.icon} aria-hidden>
        {icon}
      </div>
      <h2 className={css.title}>{title}</h2>
      {children && <p className={css.text}>{children}</p>}
      {action && <div className={css.action}>{action}</div>}
    </div>
  )
}

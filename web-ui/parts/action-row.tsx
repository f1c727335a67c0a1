import type { ReactNode } from 'react'
import css from './action-row.module.css'

/** A wide row that does one thing. */
export function ActionRow({
  icon,
  children,
  onClick,
  danger = false,
}: {
  icon: ReactNode
  children: ReactNode
  onClick: () => void
  danger?: boolean
}) {
  return (
    <button type="button" className={css.row} data-danger={danger || undefined} onClick={onClick}>
      <span className={css.icon}>{icon}</span>
      {children}
    </button>
  )
}

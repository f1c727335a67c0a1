import type { ButtonHTMLAttributes, ReactNode } from 'react'
import { cx } from './cx.ts'
import css from './button.module.css'

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: 'primary' | 'quiet' | 'plain' | 'danger'
  wide?: boolean
  /** Work is under way: the button stays focusable and says so, and a second press does nothing. */
  busy?: boolean
  icon?: ReactNode
}

export function Button({
  kind = 'quiet',
  wide = false,
  busy = false,
  icon,
  children,
  className,
  onClick,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-busy={busy || undefined}
      className={cx(css.button, css[kind], wide && css.wide, busy && css.busy, className)}
      onClick={(event) => (busy ? event.preventDefault() : onClick?.(event))}
    >
      {icon}
      <span className={css.label}>{children}</span>
    </button>
  )
}

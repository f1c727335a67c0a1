import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react'
import { cx } from './cx.ts'
import css from './icon-button.module.css'

export interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  label: string
  kind?: 'plain' | 'accent'
  children: ReactNode
  ref?: Ref<HTMLButtonElement>
}

/** A round button with a picture; `label` is its name for screen readers and its tooltip. */
export function IconButton({ label, kind = 'plain', children, className, ...rest }: IconButtonProps) {
  return (
    <button type="button" aria-label={label} title={label} {...rest} className={cx(css.button, css[kind], className)}>
      {children}
    </button>
  )
}

import { CircleAlert } from 'lucide-react'
import { useId } from 'react'
import type { ReactNode } from 'react'
import css from './checkbox.module.css'

export interface CheckboxProps {
  checked: boolean
  onChange: (checked: boolean) => void
  children: ReactNode
  error?: ReactNode
}

export function Checkbox({ checked, onChange, children, error }: CheckboxProps) {
  const id = useId()
  return (
    <div className={css.field}>
      <div className={css.row}>
        <input
          id={id}
          className={css.box}
          type="checkbox"
          checked={checked}
          aria-invalid={error ? true : undefined}
          aria-describedby={error ? `${id}-error` : undefined}
          onChange={(event) => onChange(event.target.checked)}
        />
        <label htmlFor={id}>{children}</label>
      </div>
      <div id={`${id}-error`} className={css.error} aria-live="polite">
        {error && (
          <>
            <CircleAlert aria-hidden /> {error}
          </>
        )}
      </div>
    </div>
  )
}

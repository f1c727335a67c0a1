import { CircleAlert } from 'lucide-react'
import { useId } from 'react'
import type { ReactNode } from 'react'
import { cx } from './cx.ts'
import css from './field.module.css'

export interface FieldProps {
  label: string
  /** One quiet line under the input. */
  hint?: ReactNode
  /** What is wrong, in one sentence; takes the place of the hint. */
  error?: ReactNode
  /** Gets the ids that tie label, input and message together. */
  children: (control: {
    id: string
    'aria-describedby': string | undefined
    'aria-invalid': boolean | undefined
  }) => ReactNode
}

/** Label, input and one message line. The line is a live region, so a mistake found on blur or submit is read out. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId()
  const messageId = `${id}-message`
  const wrong = error !== undefined && error !== null && error !== false
  return (
    <div className={cx(css.field, wrong && css.wrong)}>
      <label className={css.label} htmlFor={id}>
        {label}
      </label>
      {children({ id, 'aria-describedby': wrong || hint ? messageId : undefined, 'aria-invalid': wrong || undefined })}
      <div id={messageId} className={css.message} aria-live="polite">
        {wrong ? (
          <span className={css.error}>
            <CircleAlert aria-hidden />
            <span>{error}</span>
          </span>
        ) : (
          hint
        )}
      </div>
    </div>
  )
}

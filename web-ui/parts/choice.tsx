import { useId } from 'react'
import type { ReactNode } from 'react'
import { cx } from './cx.ts'
import css from './choice.module.css'

export interface ChoiceProps<Value extends string> {
  label: string
  hideLabel?: boolean
  compact?: boolean
  options: readonly { value: Value; label: ReactNode; lang?: string }[]
  value: Value
  onChange: (value: Value) => void
}

/** A few options side by side, exactly one of them chosen: radio buttons that look like a switch. */
export function Choice<Value extends string>({
  label,
  hideLabel = false,
  compact = false,
  options,
  value,
  onChange,
}: ChoiceProps<Value>) {
  const name = useId()
  return (
    <fieldset className={cx(css.choice, compact && css.compact)}>
      <legend className={hideLabel ? 'visually-hidden' : css.label}>{label}</legend>
      <div className={css.options}>
        {options.map((option) => (
          <label key={option.value} className={css.option} lang={option.lang}>
            <input
              type="radio"
              className="visually-hidden"
              name={name}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            <span className={css.face}>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}

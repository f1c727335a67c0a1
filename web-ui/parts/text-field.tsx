import type { InputHTMLAttributes, ReactNode, Ref } from 'react'
import { Field } from './field.tsx'
import css from './field.module.css'

export interface TextFieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange'> {
  label: string
  hint?: ReactNode
  error?: ReactNode
  value: string
  onChange: (value: string) => void
  ref?: Ref<HTMLInputElement>
}

export function TextField({ label, hint, error, onChange, ...rest }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => (
        <input
          dir="auto"
          {...rest}
          {...control}
          className={css.input}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  )
}

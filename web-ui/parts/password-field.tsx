import { Trans, useLingui } from '@lingui/react/macro'
import { Eye, EyeOff } from 'lucide-react'
import { useRef, useState } from 'react'
import type { KeyboardEvent, ReactNode } from 'react'
import { Field } from './field.tsx'
import { IconButton } from './icon-button.tsx'
import field from './field.module.css'
import css from './password-field.module.css'

export interface PasswordFieldProps {
  label: string
  name?: string
  autoComplete: 'current-password' | 'new-password'
  value: string
  onChange: (value: string) => void
  onBlur?: () => void
  hint?: ReactNode
  error?: ReactNode
  inputRef?: (input: HTMLInputElement | null) => void
}

export function PasswordField({ label, hint, error, inputRef, onChange, value, ...rest }: PasswordFieldProps) {
  const { t } = useLingui()
  const [shown, setShown] = useState(false)
  const [capsLock, setCapsLock] = useState(false)
  const input = useRef<HTMLInputElement | null>(null)

  const toggle = () => {
    const { selectionStart, selectionEnd } = input.current ?? {}
    setShown(!shown)
    // Changing the type of an input moves its caret to the end; put it back once the change is in the page.
    queueMicrotask(() => {
      input.current?.focus()
      input.current?.setSelectionRange(selectionStart ?? null, selectionEnd ?? null)
    })
  }
  const watchCapsLock = (event: KeyboardEvent) => setCapsLock(event.getModifierState?.('CapsLock') ?? false)

  return (
    <Field label={label} error={error} hint={capsLock ? <Trans>Caps Lock is on.</Trans> : hint}>
      {(control) => (
        <div className={css.box}>
          <input
            {...rest}
            {...control}
            ref={(element) => {
              input.current = element
              inputRef?.(element)
            }}
            className={field.input}
            type={shown ? 'text' : 'password'}
            autoCapitalize="none"
            autoCorrect="off"
            spellCheck={false}
            value={value}
            onChange={(event) => onChange(event.target.value)}
            onKeyUp={watchCapsLock}
          />
          <IconButton
            className={css.toggle}
            label={shown ? t`Hide password` : t`Show password`}
            aria-pressed={shown}
            onMouseDown={(event) => event.preventDefault()}
            onClick={toggle}
          >
            {shown ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
          </IconButton>
        </div>
      )}
    </Field>
  )
}

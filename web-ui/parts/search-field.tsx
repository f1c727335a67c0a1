import { useLingui } from '@lingui/react/macro'
import { Search, X } from 'lucide-react'
import type { InputHTMLAttributes, Ref } from 'react'
import { useRef } from 'react'
import css from './search-field.module.css'

export interface SearchFieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange'> {
  label: string
  value: string
  onChange: (value: string) => void
  ref?: Ref<HTMLInputElement>
}

export function SearchField({ label, value, onChange, ...rest }: SearchFieldProps) {
  const { t } = useLingui()
  const box = useRef<HTMLDivElement>(null)
  return (
    <div ref={box} className={css.box} role="search" aria-label={label}>
      <Search aria-hidden />
      <input
        type="search"
        dir="auto"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        {...rest}
        aria-label={label}
        placeholder={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || value === '') return
          event.stopPropagation()
          onChange('')
        }}
      />
      {value !== '' && (
        <button
          type="button"
          aria-label={t`Clear search`}
          onClick={() => {
            onChange('')
            box.current?.querySelector('input')?.focus()
          }}
        >
          <X aria-hidden />
        </button>
      )}
    </div>
  )
}

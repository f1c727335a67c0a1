import { Trans, useLingui } from '@lingui/react/macro'
import { useRef, useState } from 'react'
import type { FormEvent } from 'react'
import { Link } from 'wouter'
import { useStore } from 'zustand'
import { useClient } from '../../client-context.ts'
import { Button } from '../../parts/button.tsx'
import { Notice } from '../../parts/notice.tsx'
import { PasswordField } from '../../parts/password-field.tsx'
import { TextField } from '../../parts/text-field.tsx'
import { Gate } from '../gate/view.tsx'
import { ProblemText } from '../problem-text.tsx'
import { logInModel } from './model.ts'
import css from './view.module.css'

export function LogIn({ signedOut = false }: { signedOut?: boolean }) {
  const { t } = useLingui()
  const client = useClient()
  const [model] = useState(() => logInModel(client))
  const { name, password, problems, sending } = useStore(model.store)
  const nameInput = useRef<HTMLInputElement>(null)
  const passwordInput = useRef<HTMLInputElement>(null)

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const field = await model.submit()
    if (field) (field === 'name' ? nameInput : passwordInput).current?.focus()
  }

  return (
    <Gate
      title={<Trans>Welcome back</Trans>}
      lead={
        signedOut && (
          <Trans>You were logged out of this device. Your messages are still here; log in to continue.</Trans>
        )
      }
      foot={
        <Trans>
          New here? <Link href="/register">Create an account</Link>
        </Trans>
      }
    >
      <form className={css.form} noValidate onSubmit={(event) => void submit(event)}>
        <TextField
          ref={nameInput}
          label={t`Name`}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          value={name}
          onChange={model.setName}
          onBlur={model.leaveName}
          error={problems.name && <Trans>Write the name you registered with.</Trans>}
        />
        <PasswordField
          label={t`Password`}
          name="password"
          autoComplete="current-password"
          inputRef={(input) => void (passwordInput.current = input)}
          value={password}
          onChange={model.setPassword}
          error={problems.password && <Trans>Write your password.</Trans>}
        />
        {problems.form && (
          <Notice kind="problem">
            {problems.form === 'not-allowed' ? (
              <Trans>Name and password do not match. Check both and try again.</Trans>
            ) : (
              <ProblemText problem={problems.form} />
            )}
          </Notice>
        )}
        <Button type="submit" kind="primary" wide busy={sending}>
          <Trans>Log in</Trans>
        </Button>
      </form>
    </Gate>
  )
}

import { Trans, useLingui } from '@lingui/react/macro'
import { useEffect, useRef } from 'react'
import type { FormEvent, ReactNode } from 'react'
import { useStore } from 'zustand'
import { Button } from '../../parts/button.tsx'
import { Checkbox } from '../../parts/checkbox.tsx'
import { Notice } from '../../parts/notice.tsx'
import { PasswordField } from '../../parts/password-field.tsx'
import { TextField } from '../../parts/text-field.tsx'
import { loginNameOf } from './login-name.ts'
import type { RegisterModel } from './model.ts'
import { passwordStrength } from './password-strength.ts'
import { FormProblemText, NameProblemText, PasswordProblemText } from './problem-texts.tsx'
import { StrengthLine } from './strength-line.tsx'
import { TermsLinks } from './terms-links.tsx'
import css from './form.module.css'

/** Name, password, terms: the one form behind registering, an invite link and the set-up link. */
export function RegisterForm({ model, action }: { model: RegisterModel; action: ReactNode }) {
  const { t } = useLingui()
  const { name, password, agreed, needs, problems, sending } = useStore(model.store)
  const form = useRef<HTMLFormElement>(null)

  useEffect(() => void model.askNeeds(), [model])

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const field = await model.submit()
    if (field) form.current?.querySelector<HTMLInputElement>(`[data-field=${field}] input`)?.focus()
  }

  return (
    <form ref={form} className={css.form} noValidate onSubmit={(event) => void submit(event)}>
      <div data-field="name">
        <NameField model={model} />
      </div>
      <div data-field="password">
        <PasswordField
          label={t`Password`}
          name="new-password"
          autoComplete="new-password"
          value={password}
          onChange={model.setPassword}
          onBlur={model.leavePassword}
          hint={<StrengthLine strength={passwordStrength(password, loginNameOf(name))} />}
          error={problems.password && <PasswordProblemText problem={problems.password} />}
        />
      </div>
      {needs && needs.terms.length > 0 && (
        <div data-field="terms">
          <Checkbox
            checked={agreed}
            onChange={model.setAgreed}
            error={problems.terms && <Trans>Please read and accept the terms to continue.</Trans>}
          >
            <Trans>
              I accept: <TermsLinks terms={needs.terms} />
            </Trans>
          </Checkbox>
        </div>
      )}
      {problems.form && (
        <Notice kind="problem">
          <FormProblemText problem={problems.form} />
        </Notice>
      )}
      <Button type="submit" kind="primary" wide busy={sending}>
        {action}
      </Button>
    </form>
  )
}

function NameField({ model }: { model: RegisterModel }) {
  const { t } = useLingui()
  const { name, problems } = useStore(model.store)
  const loginName = loginNameOf(name)
  const hint =
    loginName !== '' && loginName !== name ? (
      <Trans>
        You will log in as <strong>{loginName}</strong>
      </Trans>
    ) : (
      <Trans>As your family calls you.</Trans>
    )
  return (
    <TextField
      label={t`Your name`}
      name="username"
      autoComplete="username"
      autoCapitalize="words"
      spellCheck={false}
      value={name}
      onChange={model.setName}
      onBlur={() => void model.leaveName()}
      hint={hint}
      error={problems.name && <NameProblemText problem={problems.name} />}
    />
  )
}

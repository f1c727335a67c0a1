import { Trans, useLingui } from '@lingui/react/macro'
import { useState } from 'react'
import type { FormEvent } from 'react'
import { useLocation } from 'wouter'
import { Button } from '../../parts/button.tsx'
import { TextField } from '../../parts/text-field.tsx'
import css from './form.module.css'
import { inviteTokenOf } from './invite-token.ts'

export function LinkForm() {
  const { t } = useLingui()
  const [, go] = useLocation()
  const [link, setLink] = useState('')
  const [wrong, setWrong] = useState(false)

  const submit = (event: FormEvent) => {
    event.preventDefault()
    const token = inviteTokenOf(link)
    if (token === undefined) setWrong(true)
    else go(`/invite/${token}`)
  }

  return (
    <form className={css.form} noValidate onSubmit={submit}>
      <TextField
        label={t`Invite link`}
        inputMode="url"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={link}
        onChange={(value) => {
          setLink(value)
          setWrong(false)
        }}
        error={wrong && <Trans>This does not look like an invite link. Copy the whole link and paste it here.</Trans>}
      />
      <Button type="submit" kind="primary" wide>
        <Trans>Continue</Trans>
      </Button>
    </form>
  )
}

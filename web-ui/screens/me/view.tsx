import { Trans, useLingui } from '@lingui/react/macro'
import { LogOut } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { FormEvent } from 'react'
import { useLocation } from 'wouter'
import { useStore } from 'zustand'
import { useClient } from '../../client-context.ts'
import { accountCommands } from '../../commands/account-commands.ts'
import { useCommands } from '../../commands/use-commands.tsx'
import { ActionRow } from '../../parts/action-row.tsx'
import { Avatar } from '../../parts/avatar.tsx'
import { Button } from '../../parts/button.tsx'
import { Choice } from '../../parts/choice.tsx'
import { LanguageChoice } from '../../parts/language-choice.tsx'
import { PaneHeader } from '../../parts/pane-header.tsx'
import { TextField } from '../../parts/text-field.tsx'
import { setTheme, themeStore } from '../../parts/theme.ts'
import { ProblemText } from '../problem-text.tsx'
import { useOwnId } from '../use-own-id.ts'
import { profileModel } from './model.ts'
import css from './view.module.css'

/** One's own profile, how the app looks here, and the way out. */
export function Me() {
  const { t } = useLingui()
  const client = useClient()
  const [, go] = useLocation()
  const theme = useStore(themeStore, (state) => state.theme)
  const { items, question } = useCommands(accountCommands, { client, leave: () => go('/') })
  return (
    <>
      <PaneHeader title={t`Me`} />
      <div className={css.scroll}>
        <Profile />
        <section className={css.section}>
          <LanguageChoice labelled />
          <Choice
            label={t`Theme`}
            options={[
              { value: 'auto', label: t`Automatic` },
              { value: 'light', label: t`Light` },
              { value: 'dark', label: t`Dark` },
            ]}
            value={theme}
            onChange={setTheme}
          />
        </section>
        {items.map((item) => (
          <ActionRow key={item.key} icon={<LogOut aria-hidden />} danger onClick={item.run}>
            {item.label}
          </ActionRow>
        ))}
      </div>
      {question}
    </>
  )
}

function Profile() {
  const { t } = useLingui()
  const client = useClient()
  const ownId = useOwnId()
  const [model] = useState(() => profileModel(client))
  const { name, saved, problem, saving } = useStore(model.store)
  useEffect(() => void model.load(), [model])

  const submit = (event: FormEvent) => {
    event.preventDefault()
    void model.save()
  }

  return (
    <form className={css.profile} noValidate onSubmit={submit}>
      <Avatar id={ownId} name={saved || ownId} size="xl" />
      <span className={css.id} dir="ltr">
        {ownId}
      </span>
      <div className={css.name}>
        <TextField
          label={t`Name that others see`}
          name="nickname"
          autoComplete="nickname"
          maxLength={120}
          value={name}
          onChange={model.setName}
          error={problem === 'empty' ? <Trans>Write your name.</Trans> : problem && <ProblemText problem={problem} />}
        />
        {name !== saved && (
          <Button type="submit" kind="primary" wide busy={saving}>
            <Trans>Save</Trans>
          </Button>
        )}
      </div>
    </form>
  )
}

import { Trans, useLingui } from '@lingui/react/macro'
import { useRef, useState } from 'react'
import type { FormEvent } from 'react'
import { useLocation } from 'wouter'
import { useStore } from 'zustand'
import { globalPlatform } from '#client-sdk/platform.ts'
import { useClient } from '../../client-context.ts'
import { Button } from '../../parts/button.tsx'
import { hasKeyboard } from '../../parts/has-keyboard.ts'
import { Notice } from '../../parts/notice.tsx'
import { PaneHeader } from '../../parts/pane-header.tsx'
import { SearchField } from '../../parts/search-field.tsx'
import { TextField } from '../../parts/text-field.tsx'
import { paths } from '../../routes.ts'
import { peopleSearchModel } from '../people-search/model.ts'
import { PeopleList } from '../people-search/people-list.tsx'
import { PickedPeople } from '../people-search/picked-people.tsx'
import { ProblemText } from '../problem-text.tsx'
import { newGroupModel } from './model.ts'
import css from './view.module.css'

export function NewGroup() {
  const { t } = useLingui()
  const [, go] = useLocation()
  const client = useClient()
  const [model] = useState(() => newGroupModel(client))
  const [search] = useState(() => peopleSearchModel(client, globalPlatform))
  const { name, people, nameProblem, formProblem, sending } = useStore(model.store)
  const query = useStore(search.store, (state) => state.query)
  const nameInput = useRef<HTMLInputElement>(null)

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const roomId = await model.create()
    if (roomId) go(paths.chat(roomId))
    else nameInput.current?.focus()
  }

  return (
    <>
      <PaneHeader title={t`New group`} onBack={() => go(paths.newChat, { replace: true })} />
      <form className={css.form} noValidate onSubmit={(event) => void submit(event)}>
        <div className={css.name}>
          <TextField
            ref={nameInput}
            autoFocus={hasKeyboard()}
            label={t`Group name`}
            maxLength={120}
            autoComplete="off"
            value={name}
            onChange={model.setName}
            error={nameProblem && <Trans>A group needs a name.</Trans>}
          />
          <SearchField label={t`Search people by name`} value={query} onChange={search.setQuery} />
          <PickedPeople people={people} onDrop={model.toggle} />
        </div>
        <div className={css.scroll}>
          <PeopleList model={search} picked={people} onPick={model.toggle} />
        </div>
        <div className={css.foot}>
          {formProblem && (
            <Notice kind="problem">
              <ProblemText problem={formProblem} />
            </Notice>
          )}
          <Button type="submit" kind="primary" wide busy={sending}>
            <Trans>Create group</Trans>
          </Button>
        </div>
      </form>
    </>
  )
}

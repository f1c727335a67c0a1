import { Trans, useLingui } from '@lingui/react/macro'
import { Link2 } from 'lucide-react'
import { useState } from 'react'
import { useStore } from 'zustand'
import { globalPlatform } from '#client-sdk/platform.ts'
import { useClient } from '../../client-context.ts'
import { ActionRow } from '../../parts/action-row.tsx'
import { PaneHeader } from '../../parts/pane-header.tsx'
import { SearchField } from '../../parts/search-field.tsx'
import { peopleSearchModel } from '../people-search/model.ts'
import { PeopleList } from '../people-search/people-list.tsx'
import { useStartChat } from '../people-search/use-start-chat.ts'
import { InviteLinkDialog } from './invite-link-dialog.tsx'
import css from './view.module.css'

/** Those one writes with, those one can find, and how to bring somebody new. */
export function People() {
  const { t } = useLingui()
  const client = useClient()
  const [model] = useState(() => peopleSearchModel(client, globalPlatform))
  const { query, found } = useStore(model.store)
  const [inviting, setInviting] = useState(false)
  const startChat = useStartChat()

  return (
    <>
      <PaneHeader title={t`People`} />
      <div className={css.search}>
        <SearchField label={t`Search people by name`} value={query} onChange={model.setQuery} />
      </div>
      <div className={css.scroll}>
        {query === '' && (
          <ActionRow icon={<Link2 aria-hidden />} onClick={() => setInviting(true)}>
            <Trans>Invite somebody with a link</Trans>
          </ActionRow>
        )}
        <PeopleList model={model} onPick={(person) => void startChat(person)} />
        {query === '' && found.length === 0 && (
          <p className={css.hint}>
            <Trans>
              People you write with appear here. Search for somebody by name, or send a link to bring them in.
            </Trans>
          </p>
        )}
      </div>
      {inviting && <InviteLinkDialog onClose={() => setInviting(false)} />}
    </>
  )
}

import { Trans, useLingui } from '@lingui/react/macro'
import { Link2, UsersRound } from 'lucide-react'
import { useState } from 'react'
import { useLocation } from 'wouter'
import { useStore } from 'zustand'
import { globalPlatform } from '#client-sdk/platform.ts'
import { useClient } from '../../client-context.ts'
import { ActionRow } from '../../parts/action-row.tsx'
import { hasKeyboard } from '../../parts/has-keyboard.ts'
import { PaneHeader } from '../../parts/pane-header.tsx'
import { SearchField } from '../../parts/search-field.tsx'
import { paths } from '../../routes.ts'
import { InviteLinkDialog } from '../people/invite-link-dialog.tsx'
import { peopleSearchModel } from '../people-search/model.ts'
import { PeopleList } from '../people-search/people-list.tsx'
import { useStartChat } from '../people-search/use-start-chat.ts'
import css from '../people/view.module.css'

/** Whom to write to. */
export function NewChat() {
  const { t } = useLingui()
  const [, go] = useLocation()
  const client = useClient()
  const [model] = useState(() => peopleSearchModel(client, globalPlatform))
  const query = useStore(model.store, (state) => state.query)
  const [inviting, setInviting] = useState(false)
  const startChat = useStartChat()

  return (
    <>
      <PaneHeader title={t`New chat`} onBack={() => go(paths.chats, { replace: true })} />
      <div className={css.search}>
        <SearchField
          autoFocus={hasKeyboard()}
          label={t`Search people by name`}
          value={query}
          onChange={model.setQuery}
        />
      </div>
      <div className={css.scroll}>
        {query === '' && (
          <>
            <ActionRow icon={<UsersRound aria-hidden />} onClick={() => go(paths.newGroup)}>
              <Trans>New group</Trans>
            </ActionRow>
            <ActionRow icon={<Link2 aria-hidden />} onClick={() => setInviting(true)}>
              <Trans>Invite somebody with a link</Trans>
            </ActionRow>
          </>
        )}
        <PeopleList model={model} onPick={(person) => void startChat(person)} />
      </div>
      {inviting && <InviteLinkDialog onClose={() => setInviting(false)} />}
    </>
  )
}

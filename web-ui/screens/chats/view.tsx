import { Trans, useLingui } from '@lingui/react/macro'
import { MessageCirclePlus, MessagesSquare } from 'lucide-react'
import { useState } from 'react'
import { Link, useLocation } from 'wouter'
import type { RoomId } from '#spec/ids.ts'
import { useClient } from '../../client-context.ts'
import { Button } from '../../parts/button.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { PaneHeader } from '../../parts/pane-header.tsx'
import { SearchField } from '../../parts/search-field.tsx'
import { SkeletonRows } from '../../parts/skeleton.tsx'
import { useSignal } from '../../parts/use-signal.ts'
import { paths } from '../../routes.ts'
import { chatName } from '../chat-name.ts'
import { inviter } from '../invitation/inviter.ts'
import { useStartChat } from '../people-search/use-start-chat.ts'
import { useOwnId } from '../use-own-id.ts'
import { ChatRows } from './chat-rows.tsx'
import { HomeStrip } from './home-strip.tsx'
import { InviteCard } from './invite-card.tsx'
import { chatList } from './model.ts'
import css from './view.module.css'

export function Chats({ open }: { open: RoomId | undefined }) {
  const { t, i18n } = useLingui()
  const client = useClient()
  const rooms = useSignal(client.rooms)
  const status = useSignal(client.status)
  const [query, setQuery] = useState('')
  const { invites, chats } = chatList(rooms, query, (room) => chatName(i18n, room))
  const nothing = invites.length + chats.length === 0

  return (
    <>
      <PaneHeader title={t`Chats`}>
        <Link href={paths.newChat} className={css.new} aria-label={t`New chat`} title={t`New chat`}>
          <MessageCirclePlus aria-hidden />
        </Link>
      </PaneHeader>
      {rooms.length > 0 && (
        <div className={css.search}>
          <SearchField label={t`Search chats`} value={query} onChange={setQuery} />
        </div>
      )}
      <HomeStrip />
      <div className={css.scroll}>
        {invites.map((room) => (
          <InviteCard key={room.roomId} room={room} />
        ))}
        {!nothing && <ChatRows chats={chats} open={open} />}
        {nothing && query !== '' && <NothingFound query={query} />}
        {nothing && query === '' && (status === 'connecting' ? <SkeletonRows count={6} /> : <NoChats />)}
      </div>
    </>
  )
}

function NoChats() {
  const [, go] = useLocation()
  const ownId = useOwnId()
  const startChat = useStartChat()
  const [host] = useState(inviter)
  const hostName = host?.userId === ownId ? undefined : host?.name
  return (
    <EmptyState
      icon={<MessagesSquare />}
      title={<Trans>It is quiet in here</Trans>}
      action={
        <>
          <Button kind="primary" onClick={() => (host && hostName ? void startChat(host) : go(paths.newChat))}>
            {hostName ? <Trans>Write to {hostName}</Trans> : <Trans>Start a chat</Trans>}
          </Button>
          <Button onClick={() => go(paths.people)}>
            <Trans>Invite somebody</Trans>
          </Button>
        </>
      }
    >
      <Trans>Write to somebody at home, or invite your family with a link.</Trans>
    </EmptyState>
  )
}

function NothingFound({ query }: { query: string }) {
  const [, go] = useLocation()
  return (
    <div className={css.nothing}>
      <p dir="auto">
        <Trans>No chat is called “{query}”.</Trans>
      </p>
      <Button kind="plain" onClick={() => go(paths.newChat)}>
        <Trans>Search people</Trans>
      </Button>
    </div>
  )
}

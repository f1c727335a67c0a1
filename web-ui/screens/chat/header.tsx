import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { ArrowLeft, EllipsisVertical, Info } from 'lucide-react'
import { useState } from 'react'
import { Link, useLocation } from 'wouter'
import type { RoomSummary } from '#client-sdk/room-summary.ts'
import type { Room } from '#client-sdk/room.ts'
import { chatCommands } from '../../commands/chat-commands.ts'
import { useCommands } from '../../commands/use-commands.tsx'
import { Avatar } from '../../parts/avatar.tsx'
import { IconButton } from '../../parts/icon-button.tsx'
import { Menu } from '../../parts/menu.tsx'
import { useSignal } from '../../parts/use-signal.ts'
import { paths } from '../../routes.ts'
import { chatName } from '../chat-name.ts'
import { ChatDialog } from '../details/chat-dialog.tsx'
import type { ChatDialogName } from '../details/chat-dialog.tsx'
import css from './header.module.css'

export function ChatHeader({ room, summary }: { room: Room; summary: RoomSummary }) {
  const { t, i18n } = useLingui()
  const [, go] = useLocation()
  const [dialog, setDialog] = useState<ChatDialogName>()
  useSignal(room.may)
  const name = chatName(i18n, summary)
  const open = (what: ChatDialogName | 'chats') => (what === 'chats' ? go(paths.chats) : setDialog(what))
  const { items, question } = useCommands(chatCommands, { room, name, open })
  const info = {
    key: 'details',
    label: t`Chat details`,
    icon: <Info aria-hidden />,
    run: () => go(paths.details(room.roomId)),
  }

  return (
    <div className={css.header}>
      <IconButton className={css.back} label={t`Back to your chats`} onClick={() => go(paths.chats, { replace: true })}>
        <ArrowLeft aria-hidden />
      </IconButton>
      <Link href={paths.details(room.roomId)} className={css.who}>
        <Avatar id={summary.directUserId ?? room.roomId} name={name} group={!summary.isDirect} />
        <span className={css.text}>
          <h1 className={css.name}>
            <bdi>{name}</bdi>
          </h1>
          <span className={css.status}>
            <HeaderStatus room={room} summary={summary} />
          </span>
        </span>
      </Link>
      <Menu label={t`Chat menu`} icon={<EllipsisVertical aria-hidden />} items={[info, ...items]} />
      {question}
      {dialog && <ChatDialog name={dialog} room={room} onClose={() => setDialog(undefined)} />}
    </div>
  )
}

/** Who is typing, else how many there are. */
function HeaderStatus({ room, summary }: { room: Room; summary: RoomSummary }) {
  const typing = useSignal(room.typing)
  useSignal(room.members)
  const [first, second] = typing.map((userId) => room.member(userId).name)
  if (typing.length > 2) return <Trans>Several people are typing…</Trans>
  if (first !== undefined && second !== undefined)
    return (
      <Trans>
        {first} and {second} are typing…
      </Trans>
    )
  if (first !== undefined) return summary.isDirect ? <Trans>typing…</Trans> : <Trans>{first} is typing…</Trans>
  if (!summary.isDirect) return <Plural value={summary.joinedCount} one="# person" other="# people" />
  return summary.joinedCount < 2 && summary.invitedCount > 0 ? <Trans>Invited, not here yet</Trans> : null
}

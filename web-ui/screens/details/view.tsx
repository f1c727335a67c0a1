import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { EllipsisVertical } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useLocation } from 'wouter'
import type { Member } from '#client-sdk/members.ts'
import type { Room } from '#client-sdk/room.ts'
import type { RoomId } from '#spec/ids.ts'
import { useClient } from '../../client-context.ts'
import { chatCommands } from '../../commands/chat-commands.ts'
import { memberCommands } from '../../commands/member-commands.ts'
import { useCommands } from '../../commands/use-commands.tsx'
import { ActionRow } from '../../parts/action-row.tsx'
import { Avatar } from '../../parts/avatar.tsx'
import { Menu } from '../../parts/menu.tsx'
import { PaneHeader } from '../../parts/pane-header.tsx'
import { useSignal } from '../../parts/use-signal.ts'
import { paths } from '../../routes.ts'
import { chatName } from '../chat-name.ts'
import { useOwnId } from '../use-own-id.ts'
import { ChatDialog } from './chat-dialog.tsx'
import type { ChatDialogName } from './chat-dialog.tsx'
import { memberList, roleOf } from './model.ts'
import css from './view.module.css'

/** Who is in a chat, and what can be done with it. */
export function Details({ roomId }: { roomId: RoomId }) {
  const { t, i18n } = useLingui()
  const [, go] = useLocation()
  const room = useClient().room(roomId)
  const summary = useSignal(room.summary)
  const members = useSignal(room.members)
  useSignal(room.may)
  const [dialog, setDialog] = useState<ChatDialogName>()
  const name = chatName(i18n, summary)
  const { items, question } = useCommands(chatCommands, {
    room,
    name,
    open: (what) => (what === 'chats' ? go(paths.chats) : setDialog(what)),
  })
  useEffect(() => {
    room.loadMembers().catch((error: unknown) => console.warn('The list of members may be incomplete', error))
  }, [room])

  return (
    <>
      <PaneHeader title={t`Chat details`} beside onBack={() => go(paths.chat(roomId), { replace: true })} />
      <div className={css.scroll}>
        <div className={css.head}>
          <Avatar id={summary.directUserId ?? roomId} name={name} size="xl" group={!summary.isDirect} />
          <h2 dir="auto">{name}</h2>
          {summary.isDirect ? (
            <span dir="ltr">{summary.directUserId}</span>
          ) : (
            <span>
              <Plural value={summary.joinedCount} one="# person" other="# people" />
            </span>
          )}
          {summary.topic && <p dir="auto">{summary.topic}</p>}
        </div>
        {items.map((item) => (
          <ActionRow key={item.key} icon={item.icon} danger={item.danger ?? false} onClick={item.run}>
            {item.label}
          </ActionRow>
        ))}
        {!summary.isDirect && (
          <section>
            <h3 className={css.title}>
              <Trans>People</Trans>
            </h3>
            <ul>
              {memberList(members, i18n.locale).map((member) => (
                <MemberRow key={member.userId} room={room} member={member} />
              ))}
            </ul>
          </section>
        )}
      </div>
      {question}
      {dialog && <ChatDialog name={dialog} room={room} onClose={() => setDialog(undefined)} />}
    </>
  )
}

function MemberRow({ room, member }: { room: Room; member: Member }) {
  const { t } = useLingui()
  const [, go] = useLocation()
  const client = useClient()
  const ownId = useOwnId()
  const { items, question } = useCommands(memberCommands, {
    client,
    room,
    member,
    openChat: (roomId) => go(paths.chat(roomId)),
  })
  return (
    <li className={css.member}>
      <Avatar id={member.userId} name={member.name} />
      <span className={css.text}>
        <span className={css.name}>
          <bdi>{member.name}</bdi>
          {member.userId === ownId && (
            <span className={css.you}>
              {' '}
              <Trans context="beside one's own name">you</Trans>
            </span>
          )}
        </span>
        <RoleText member={member} />
      </span>
      <Menu label={t`What to do with ${member.name}`} icon={<EllipsisVertical aria-hidden />} items={items} />
      {question}
    </li>
  )
}

function RoleText({ member }: { member: Member }) {
  const role = roleOf(member)
  if (role === 'member') return null
  return (
    <span className={css.role}>
      {role === 'invited' && <Trans>Invited, not here yet</Trans>}
      {role === 'owner' && <Trans>Owner</Trans>}
      {role === 'admin' && <Trans>Admin</Trans>}
    </span>
  )
}

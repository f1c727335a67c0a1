import { plural } from '@lingui/core/macro'
import { useLingui } from '@lingui/react/macro'
import { memo } from 'react'
import { Link } from 'wouter'
import { globalPlatform } from '#client-sdk/platform.ts'
import type { RoomSummary } from '#client-sdk/room-summary.ts'
import { Avatar } from '../../parts/avatar.tsx'
import { Badge } from '../../parts/badge.tsx'
import { clockTime, daysBetween, fullTime, shortDay } from '../../parts/time.ts'
import { paths } from '../../routes.ts'
import { Ticks } from '../../tiles/ticks.tsx'
import { chatName } from '../chat-name.ts'
import css from './chat-row.module.css'
import { LastLine } from './last-line.tsx'
import { useOwnId } from '../use-own-id.ts'

export const ChatRow = memo(function ChatRow({ room, open }: { room: RoomSummary; open: boolean }) {
  const { t, i18n } = useLingui()
  const ownId = useOwnId()
  const name = chatName(i18n, room)
  const { lastMessage, unreadCount } = room
  const ts = room.lastActivityTs
  const days = daysBetween(ts, globalPlatform.now())
  const time =
    days === 0
      ? clockTime(ts, i18n.locale)
      : days === 1
        ? t`Yesterday`
        : shortDay(ts, globalPlatform.now(), i18n.locale)

  return (
    <Link
      href={paths.chat(room.roomId)}
      className={css.row}
      aria-current={open ? 'true' : undefined}
      data-unread={unreadCount > 0 || undefined}
    >
      <Avatar id={room.directUserId ?? room.roomId} name={name} size="l" group={!room.isDirect} />
      <span className={css.middle}>
        <span className={css.name}>
          <bdi>{name}</bdi>
        </span>
        <span className={css.last}>
          {lastMessage?.sender === ownId && !lastMessage.redacted && <Ticks status={lastMessage.status} seen={false} />}
          <LastLine room={room} />
        </span>
      </span>
      <span className={css.end}>
        {ts > 0 && (
          <time className={css.time} title={fullTime(ts, i18n.locale)}>
            {time}
          </time>
        )}
        <Badge
          count={unreadCount}
          label={t`${plural(unreadCount, { one: '# new message', other: '# new messages' })}`}
        />
      </span>
    </Link>
  )
})

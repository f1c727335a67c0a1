import { useLingui } from '@lingui/react/macro'
import { CircleUserRound, MessageCircle, UsersRound } from 'lucide-react'
import type { LucideIcon } from 'lucide-react'
import { Link } from 'wouter'
import { useClient } from '../../client-context.ts'
import { useSignal } from '../../parts/use-signal.ts'
import { paths } from '../../routes.ts'
import type { Place } from '../../routes.ts'
import css from './nav-bar.module.css'

const tabOf: Record<Place['pane'], string> = {
  chats: paths.chats,
  chat: paths.chats,
  'new-chat': paths.chats,
  'new-group': paths.chats,
  people: paths.people,
  me: paths.me,
}

/** A rail on wide screens, tabs at the bottom on narrow ones. */
export function NavBar({ place }: { place: Place }) {
  const { t } = useLingui()
  const unread = useSignal(useClient().rooms).filter(
    (room) => room.unreadCount > 0 || room.membership === 'invite',
  ).length
  const entries: readonly { path: string; label: string; Icon: LucideIcon; dot: boolean }[] = [
    { path: paths.chats, label: t`Chats`, Icon: MessageCircle, dot: unread > 0 },
    { path: paths.people, label: t`People`, Icon: UsersRound, dot: false },
    { path: paths.me, label: t`Me`, Icon: CircleUserRound, dot: false },
  ]
  return (
    <nav className={css.nav} aria-label={t`Main`}>
      {entries.map(({ path, label, Icon, dot }) => (
        <Link
          key={path}
          href={path}
          className={css.entry}
          aria-current={tabOf[place.pane] === path ? 'page' : undefined}
        >
          <span className={css.icon}>
            <Icon aria-hidden />
            {dot && <span className={css.dot} />}
          </span>
          <span className={css.label}>{label}</span>
        </Link>
      ))}
    </nav>
  )
}

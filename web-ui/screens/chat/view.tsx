import { Trans, useLingui } from '@lingui/react/macro'
import { DoorOpen } from 'lucide-react'
import { useEffect } from 'react'
import { useLocation } from 'wouter'
import type { RoomId } from '#spec/ids.ts'
import { useClient } from '../../client-context.ts'
import { Button } from '../../parts/button.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { useSignal } from '../../parts/use-signal.ts'
import { paths } from '../../routes.ts'
import { chatName } from '../chat-name.ts'
import { InviteCard } from '../chats/invite-card.tsx'
import { Composer } from './composer.tsx'
import { ChatHeader } from './header.tsx'
import { TimelineView } from './timeline-view.tsx'
import css from './view.module.css'

/** One chat: who it is, what was said, what one writes. */
export function Chat({ roomId }: { roomId: RoomId }) {
  const { i18n } = useLingui()
  const client = useClient()
  const room = client.room(roomId)
  const summary = useSignal(room.summary)
  const name = chatName(i18n, summary)

  useEffect(() => {
    document.title = `${name} · Hearth`
    return () => void (document.title = 'Hearth')
  }, [name])

  if (summary.membership === 'invite') {
    return (
      <div className={css.middle}>
        <InviteCard room={summary} />
      </div>
    )
  }
  if (summary.membership !== 'join') return <NotInside />
  return (
    <>
      <ChatHeader room={room} summary={summary} />
      <TimelineView room={room} />
      <Composer room={room} />
    </>
  )
}

function NotInside() {
  const [, go] = useLocation()
  return (
    <EmptyState
      icon={<DoorOpen />}
      title={<Trans>You are not in this chat</Trans>}
      action={
        <Button kind="primary" onClick={() => go(paths.chats)}>
          <Trans>Back to your chats</Trans>
        </Button>
      }
    >
      <Trans>It may have been left on another device, or somebody removed you.</Trans>
    </EmptyState>
  )
}

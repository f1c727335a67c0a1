import { Trans } from '@lingui/react/macro'
import { DoorOpen } from 'lucide-react'
import { useLocation } from 'wouter'
import type { RoomId } from '#spec/ids.ts'
import { useClient } from '../../client-context.ts'
import { Button } from '../../parts/button.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { useSignal } from '../../parts/use-signal.ts'
import { paths } from '../../routes.ts'
import { InviteCard } from '../chats/invite-card.tsx'
import { Composer } from './composer.tsx'
import { ChatHeader } from './header.tsx'
import { OfflineLine } from './offline-line.tsx'
import { TimelineView } from './timeline-view.tsx'
import css from './view.module.css'

/** One chat: who it is, what was said, what one writes. */
export function Chat({ roomId }: { roomId: RoomId }) {
  const client = useClient()
  const room = client.room(roomId)
  const summary = useSignal(room.summary)
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
      <OfflineLine />
      <TimelineView room={room} />
      <Composer room={room} />
    </>
  )
}

/** A chat just made is not there before the node has told of it: so this waits a moment. */
function NotInside() {
  const [, go] = useLocation()
  return (
    <div className={css.late}>
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
    </div>
  )
}

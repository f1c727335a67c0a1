import { msg } from '@lingui/core/macro'
import { Trans, useLingui } from '@lingui/react/macro'
import { useState } from 'react'
import { useLocation } from 'wouter'
import type { RoomSummary } from '#client-sdk/room-summary.ts'
import { useClient } from '../../client-context.ts'
import { Avatar } from '../../parts/avatar.tsx'
import { Button } from '../../parts/button.tsx'
import { showToast } from '../../parts/toast-store.ts'
import { paths } from '../../routes.ts'
import { callProblem } from '../call-problem.ts'
import { chatName } from '../chat-name.ts'
import css from './invite-card.module.css'
import { useInviterName } from './use-inviter-name.ts'

/** Somebody asks one into a chat. */
export function InviteCard({ room }: { room: RoomSummary }) {
  const { i18n } = useLingui()
  const [, go] = useLocation()
  const handle = useClient().room(room.roomId)
  const [busy, setBusy] = useState(false)
  const name = chatName(i18n, room)
  const inviter = useInviterName(room)

  const answer = async (action: () => Promise<void>, then?: () => void) => {
    setBusy(true)
    try {
      await action()
      then?.()
    } catch (error) {
      showToast(
        callProblem(error) === 'offline'
          ? msg`Your home cannot be reached right now.`
          : msg`That did not work. Please try again.`,
      )
    } finally {
      setBusy(false)
    }
  }

  return (
    <section className={css.card} aria-label={name}>
      <div className={css.head}>
        <Avatar
          id={(room.isDirect && room.inviter) || room.roomId}
          name={room.isDirect ? inviter : name}
          size="l"
          group={!room.isDirect}
        />
        <div className={css.text}>
          <strong>
            <bdi>{room.isDirect ? inviter : name}</bdi>
          </strong>
          <span>
            {room.isDirect ? <Trans>wants to chat with you</Trans> : <Trans>{inviter} invites you to this group</Trans>}
          </span>
        </div>
      </div>
      <div className={css.buttons}>
        <Button busy={busy} onClick={() => void answer(() => handle.leave())}>
          <Trans>Decline</Trans>
        </Button>
        <Button
          kind="primary"
          busy={busy}
          onClick={() =>
            void answer(
              () => handle.join(),
              () => go(paths.chat(room.roomId)),
            )
          }
        >
          <Trans>Accept</Trans>
        </Button>
      </div>
    </section>
  )
}

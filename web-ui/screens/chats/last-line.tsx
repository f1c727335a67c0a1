import { Trans, useLingui } from '@lingui/react/macro'
import type { RoomSummary } from '#client-sdk/room-summary.ts'
import { tileFor } from '../../tiles/tile-for.ts'
import { useOwnId } from '../use-own-id.ts'
import css from './last-line.module.css'

/** The newest message in one line, with the name of its sender where it is not clear who wrote. */
export function LastLine({ room }: { room: RoomSummary }) {
  const { i18n } = useLingui()
  const ownId = useOwnId()
  const last = room.lastMessage
  if (!last) return <span className={css.line} />
  const tile = tileFor(last)
  const context = {
    ownId,
    nameOf: (id: string) => (id === last.sender ? last.senderName : id),
  }
  const text = tile.text(i18n, last, context).replace(/\s+/g, ' ')
  const named = !room.isDirect && tile.shape === 'bubble' && !last.redacted
  return (
    <span className={css.line}>
      {named && (
        <>
          <bdi>{last.sender === ownId ? <Trans context="sender of a message">You</Trans> : last.senderName}</bdi>:{' '}
        </>
      )}
      <bdi>{text}</bdi>
    </span>
  )
}

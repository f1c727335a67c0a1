import { Trans, useLingui } from '@lingui/react/macro'
import { Ellipsis } from 'lucide-react'
import type { Room } from '#client-sdk/room.ts'
import { discardMessage, messageCommands, sendAgain } from '../../commands/message-commands.ts'
import { runCommand, useCommands } from '../../commands/use-commands.tsx'
import { Avatar } from '../../parts/avatar.tsx'
import { cx } from '../../parts/cx.ts'
import { directionOf } from '../../parts/direction.ts'
import { hueOf } from '../../parts/hue.ts'
import { Menu } from '../../parts/menu.tsx'
import { clockTime, fullTime } from '../../parts/time.ts'
import { useSignal } from '../../parts/use-signal.ts'
import { Ticks } from '../../tiles/ticks.tsx'
import { tileFor } from '../../tiles/tile-for.ts'
import { useOwnId } from '../use-own-id.ts'
import type { BubbleRow } from './rows.ts'
import css from './message-view.module.css'

interface MessageViewProps {
  row: BubbleRow
  room: Room
  isDirect: boolean
}

/** One message: whose, what, when, how far it has come. */
export function MessageView({ row, room, isDirect }: MessageViewProps) {
  const { t, i18n } = useLingui()
  const { item, first, last } = row
  const ownId = useOwnId()
  useSignal(room.members)
  const own = item.sender === ownId
  const sender = room.member(item.sender).name
  const tile = tileFor(item)
  const text = tile.text(i18n, item, { ownId, nameOf: (id) => room.member(id).name })
  const named = first && !own && !isDirect
  const { items, question } = useCommands(messageCommands, { room, item })

  return (
    <article
      className={cx(
        css.message,
        own && css.own,
        first && css.first,
        last && css.last,
        tile.isBare?.(item) && css.bare,
        !isDirect && !own && css.indented,
      )}
      data-row
      data-hue={hueOf(item.sender)}
      tabIndex={-1}
      aria-label={`${own ? t({ message: 'You', context: 'sender of a message' }) : sender}, ${clockTime(item.ts, i18n.locale)}: ${text}`}
    >
      {!isDirect && !own && (
        <span className={css.avatar}>{last && <Avatar id={item.sender} name={sender} size="s" />}</span>
      )}
      <div className={css.column}>
        <div className={css.line}>
          <div className={css.bubble}>
            {named && (
              <div className={css.sender}>
                <bdi>{sender}</bdi>
              </div>
            )}
            <div className={css.content} dir={directionOf(text)}>
              {tile.Body ? <tile.Body event={item} /> : <span className={css.quiet}>{text}</span>}
              <span className={css.meta} dir="ltr">
                <time title={fullTime(item.ts, i18n.locale)}>{clockTime(item.ts, i18n.locale)}</time>
                {own && !item.redacted && <Ticks status={item.status} seen={item.seen} />}
              </span>
            </div>
          </div>
          <span className={css.menu}>
            <Menu label={t`What to do with this message`} icon={<Ellipsis aria-hidden />} items={items} tabIndex={-1} />
          </span>
        </div>
        {item.status === 'failed' && <FailedLine room={room} row={row} />}
      </div>
      {question}
    </article>
  )
}

function FailedLine({ room, row: { item } }: { room: Room; row: BubbleRow }) {
  return (
    <div className={css.failed}>
      <Trans>Not sent</Trans>
      <button type="button" onClick={() => void runCommand(sendAgain, { room, item })}>
        <Trans>Try again</Trans>
      </button>
      <button type="button" onClick={() => void runCommand(discardMessage, { room, item })}>
        <Trans>Discard</Trans>
      </button>
    </div>
  )
}

import { Trans, useLingui } from '@lingui/react/macro'
import { memo } from 'react'
import type { Room } from '#client-sdk/room.ts'
import { globalPlatform } from '#client-sdk/platform.ts'
import { daysBetween, longDay } from '../../parts/time.ts'
import { FoldView } from './fold-view.tsx'
import { MessageView } from './message-view.tsx'
import type { Row } from './rows.ts'
import css from './row-view.module.css'

interface RowViewProps {
  row: Row
  room: Room
  isDirect: boolean
}

/** One row with the lines that stand above it. Rows are made anew on every change, so they are compared by what they show. */
export const RowView = memo(
  function RowView({ row, room, isDirect }: RowViewProps) {
    return (
      <div className={css.row} data-apart={row.kind === 'fold' || row.first || undefined}>
        {row.day !== undefined && <DayLine ts={row.day} />}
        {row.isNew && (
          <div className={css.new} role="separator">
            <Trans>New messages</Trans>
          </div>
        )}
        {row.kind === 'bubble' ? (
          <MessageView row={row} room={room} isDirect={isDirect} />
        ) : (
          <FoldView items={row.items} room={room} />
        )}
      </div>
    )
  },
  (before, after) => before.room === after.room && before.isDirect === after.isDirect && sameRow(before.row, after.row),
)

function sameRow(a: Row, b: Row): boolean {
  if (a.kind !== b.kind || a.key !== b.key || a.day !== b.day || a.isNew !== b.isNew) return false
  if (a.kind === 'bubble' && b.kind === 'bubble') return a.item === b.item && a.first === b.first && a.last === b.last
  if (a.kind === 'fold' && b.kind === 'fold')
    return a.items.length === b.items.length && a.items.every((item, at) => item === b.items[at])
  return false
}

function DayLine({ ts }: { ts: number }) {
  const { t, i18n } = useLingui()
  const now = globalPlatform.now()
  const days = daysBetween(ts, now)
  return (
    <div className={css.day} role="separator">
      <span>{days === 0 ? t`Today` : days === 1 ? t`Yesterday` : longDay(ts, now, i18n.locale)}</span>
    </div>
  )
}

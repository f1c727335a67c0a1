import { useLingui } from '@lingui/react/macro'
import { useState } from 'react'
import type { Room } from '#client-sdk/room.ts'
import type { TimelineItem } from '#client-sdk/timeline-item.ts'
import { useSignal } from '../../parts/use-signal.ts'
import { tileFor } from '../../tiles/tile-for.ts'
import { useOwnId } from '../use-own-id.ts'
import css from './fold-view.module.css'

/** As many lines are shown as they are; more are folded behind one. */
const shownLines = 2

/** Who joined, left, renamed: quiet lines, many of them folded into one. */
export function FoldView({ items, room }: { items: readonly TimelineItem[]; room: Room }) {
  const { t, i18n } = useLingui()
  const ownId = useOwnId()
  useSignal(room.members)
  const [open, setOpen] = useState(false)
  const folded = items.length > shownLines && !open
  const lineOf = (item: TimelineItem) => tileFor(item).text(i18n, item, { ownId, nameOf: (id) => room.member(id).name })
  const rest = items.length - 1

  return (
    <div className={css.fold} data-row tabIndex={-1}>
      {(folded ? [tellingLine(items)] : items).map((item) => (
        <p key={item.key} className={css.line} dir="auto">
          {lineOf(item)}
        </p>
      ))}
      {items.length > shownLines && (
        <button type="button" className={css.more} aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? t`Show less` : t`+${rest} more`}
        </button>
      )}
    </div>
  )
}

/** Which line stands for the folded ones: how the chat began, else the newest. */
const tellingLine = (items: readonly TimelineItem[]): TimelineItem =>
  items.find((item) => item.type === 'm.room.create') ?? items.at(-1)!

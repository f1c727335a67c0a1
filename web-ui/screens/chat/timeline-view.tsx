import { plural } from '@lingui/core/macro'
import { Trans, useLingui } from '@lingui/react/macro'
import { ChevronDown } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'
import { Virtualizer } from 'virtua'
import type { Room } from '#client-sdk/room.ts'
import { Badge } from '../../parts/badge.tsx'
import { HearthMark } from '../../parts/hearth-mark.tsx'
import { useSignal } from '../../parts/use-signal.ts'
import { useOwnId } from '../use-own-id.ts'
import { RowView } from './row-view.tsx'
import { firstNewKey, rowsOf } from './rows.ts'
import { useMarkRead } from './use-mark-read.ts'
import { moveFocus } from './move-focus.ts'
import { useStickyScroll } from './use-sticky-scroll.ts'
import css from './timeline-view.module.css'

export function TimelineView({ room }: { room: Room }) {
  const { t } = useLingui()
  const ownId = useOwnId()
  const [timeline] = useState(() => room.timeline())
  const items = useSignal(timeline.items)
  const state = useSignal(timeline.state)
  const summary = useSignal(room.summary)
  const newFromKey = useNewLine(room, items, ownId)
  const rows = useMemo(() => rowsOf(items, summary.isDirect, newFromKey), [items, summary.isDirect, newFromKey])
  const scroll = useStickyScroll(timeline, rows, state)
  useMarkRead(room, items, scroll.atBottom === true && state.atEnd)
  useEffect(() => () => timeline.close(), [timeline])

  return (
    <div className={css.box}>
      <div
        ref={scroll.scroller}
        className={css.scroller}
        role="log"
        aria-label={t`Messages`}
        aria-busy={state.loadingOlder}
        tabIndex={0}
        onKeyDown={moveFocus}
      >
        <div className={css.spacer} />
        {rows.length === 0 && state.atStart && (
          <p className={css.nothing}>
            <Trans>The beginning of your chat</Trans>
          </p>
        )}
        <Virtualizer
          ref={scroll.list}
          scrollRef={scroll.scroller}
          shift={scroll.shift}
          bufferSize={600}
          onScroll={scroll.onScroll}
          onResize={scroll.onResize}
        >
          {rows.map((row) => (
            <RowView key={row.key} row={row} room={room} isDirect={summary.isDirect} />
          ))}
        </Virtualizer>
        <div className={css.end} />
      </div>
      <LoadingOlder
        loading={state.loadingOlder}
        failed={state.error !== undefined}
        retry={() => void timeline.loadOlder()}
      />
      {(scroll.atBottom === false || !state.atEnd) && (
        <button
          type="button"
          className={css.jump}
          aria-label={t`Jump to the newest message`}
          onClick={() => void scroll.jumpToEnd()}
        >
          <ChevronDown aria-hidden />
          <span className={css.count}>
            <Badge
              count={summary.unreadCount}
              label={t`${plural(summary.unreadCount, { one: '# new message', other: '# new messages' })}`}
            />
          </span>
        </button>
      )}
    </div>
  )
}

/** Where the line "new messages" stands: it is found when the chat is opened, and stays until it is left. */
function useNewLine(room: Room, items: Parameters<typeof firstNewKey>[0], ownId: Parameters<typeof firstNewKey>[2]) {
  const [unreadAtOpen] = useState(() => room.summary.get().unreadCount)
  const [found, setFound] = useState<string>()
  const key = found ?? firstNewKey(items, unreadAtOpen, ownId)
  useEffect(() => setFound(key), [key])
  return key
}

function LoadingOlder({ loading, failed, retry }: { loading: boolean; failed: boolean; retry: () => void }) {
  if (failed && !loading) {
    return (
      <div className={css.older}>
        <button type="button" className={css.chip} onClick={retry}>
          <Trans>Older messages could not be loaded. Try again</Trans>
        </button>
      </div>
    )
  }
  return (
    <div className={css.older} data-late aria-hidden>
      {loading && <HearthMark size={28} glowing />}
    </div>
  )
}

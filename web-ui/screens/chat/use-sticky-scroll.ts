import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { RefObject } from 'react'
import type { VirtualizerHandle } from 'virtua'
import type { TimelineState } from '#client-sdk/timeline-item.ts'
import type { Timeline } from '#client-sdk/timeline.ts'
import { isPrepend } from './rows.ts'
import type { Row } from './rows.ts'

/** This near the end counts as being there. */
const bottomSlackPx = 24

export interface StickyScroll {
  scroller: RefObject<HTMLDivElement | null>
  list: RefObject<VirtualizerHandle | null>
  /** Rows were added in front: keep the place from the end. */
  shift: boolean
  atBottom: boolean
  onScroll: () => void
  onResize: () => void
  jumpToEnd: () => Promise<void>
}

/**
 * Keeps the reader where the reader is: at the end while at the end, and otherwise at the same message, whatever is added above or below.
 * Asks for older messages two screens before they are needed.
 */
export function useStickyScroll(timeline: Timeline, rows: readonly Row[], state: TimelineState): StickyScroll {
  const scroller = useRef<HTMLDivElement>(null)
  const list = useRef<VirtualizerHandle>(null)
  const sticks = useRef(true)
  const opened = useRef(false)
  const before = useRef(rows)
  const [atBottom, setAtBottom] = useState(true)
  const shift = isPrepend(before.current, rows)

  const toEnd = () => {
    const element = scroller.current
    if (element) element.scrollTop = element.scrollHeight
  }

  useLayoutEffect(() => {
    before.current = rows
    if (rows.length === 0) return
    const newAt = rows.findIndex((row) => row.isNew)
    if (!opened.current && newAt > 0) list.current?.scrollToIndex(newAt, { align: 'start', offset: -48 })
    else if (sticks.current) toEnd()
    opened.current = true
  }, [rows])

  useEffect(() => {
    loadWhenNear(scroller.current, timeline, state)
  }, [timeline, state, rows.length])

  const onScroll = () => {
    const element = scroller.current
    if (!element) return
    const left = element.scrollHeight - element.scrollTop - element.clientHeight
    sticks.current = left <= bottomSlackPx && state.atEnd
    setAtBottom(left <= bottomSlackPx)
    loadWhenNear(element, timeline, state)
  }
  return {
    scroller,
    list,
    shift,
    atBottom,
    onScroll,
    onResize: () => sticks.current && toEnd(),
    async jumpToEnd() {
      if (!state.atEnd) await timeline.jumpToEnd()
      sticks.current = true
      setAtBottom(true)
      toEnd()
    },
  }
}

function loadWhenNear(element: HTMLElement | null, timeline: Timeline, state: TimelineState): void {
  if (!element) return
  const { scrollTop, scrollHeight, clientHeight } = element
  const near = clientHeight * 2
  if (scrollTop < near && !state.loadingOlder && !state.atStart && !state.error) void timeline.loadOlder()
  if (scrollHeight - scrollTop - clientHeight < near && !state.loadingNewer && !state.atEnd) void timeline.loadNewer()
}

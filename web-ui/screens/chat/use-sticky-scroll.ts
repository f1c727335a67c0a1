import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { RefObject } from 'react'
import type { VirtualizerHandle } from 'virtua'
import type { TimelineState } from '#client-sdk/timeline-item.ts'
import type { Timeline } from '#client-sdk/timeline.ts'
import { isJustSent, isPrepend } from './rows.ts'
import type { Row } from './rows.ts'

/** This near the end counts as being there. */
const bottomSlackPx = 24

export interface StickyScroll {
  scroller: RefObject<HTMLDivElement | null>
  list: RefObject<VirtualizerHandle | null>
  /** Rows were added in front: keep the place from the end. */
  shift: boolean
  /** Nothing until the list stands. */
  atBottom: boolean | undefined
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
  const [atBottom, setAtBottom] = useState<boolean>()
  const shift = isPrepend(before.current, rows)

  const toEnd = () => {
    const element = scroller.current
    if (element) element.scrollTop = element.scrollHeight
  }
  const look = () => {
    const element = scroller.current
    if (!element) return
    const left = element.scrollHeight - element.scrollTop - element.clientHeight
    sticks.current = left <= bottomSlackPx && state.atEnd
    setAtBottom(left <= bottomSlackPx)
  }
  const jumpToEnd = async () => {
    if (!state.atEnd) await timeline.jumpToEnd()
    sticks.current = true
    setAtBottom(true)
    toEnd()
  }

  useLayoutEffect(() => {
    if (rows === before.current && opened.current) return
    const sentNow = isJustSent(before.current, rows)
    before.current = rows
    if (rows.length === 0) return
    if (!opened.current) {
      opened.current = true
      const newAt = rows.findIndex((row) => row.isNew)
      sticks.current = newAt <= 0
      if (newAt > 0) list.current?.scrollToIndex(newAt, { align: 'start', offset: -48 })
      // The list has measured its rows two frames from now.
      requestAnimationFrame(() => requestAnimationFrame(look))
    }
    if (sentNow) void jumpToEnd()
    else if (sticks.current) toEnd()
  })

  useEffect(() => {
    loadWhenNear(scroller.current, timeline, state)
  }, [timeline, state, rows.length])

  const onScroll = () => {
    look()
    loadWhenNear(scroller.current, timeline, state)
  }
  return { scroller, list, shift, atBottom, onScroll, onResize: () => sticks.current && toEnd(), jumpToEnd }
}

function loadWhenNear(element: HTMLElement | null, timeline: Timeline, state: TimelineState): void {
  if (!element) return
  const { scrollTop, scrollHeight, clientHeight } = element
  const near = clientHeight * 2
  if (scrollTop < near && !state.loadingOlder && !state.atStart && !state.error) void timeline.loadOlder()
  if (scrollHeight - scrollTop - clientHeight < near && !state.loadingNewer && !state.atEnd) void timeline.loadNewer()
}

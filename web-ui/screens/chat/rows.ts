import type { TimelineItem } from '#client-sdk/timeline-item.ts'
import type { UserId } from '#spec/ids.ts'
import { dayKey } from '../../parts/time.ts'
import { isDirectBeginning } from '../../tiles/direct-beginning.ts'
import { tileFor } from '../../tiles/tile-for.ts'

interface RowHead {
  key: string
  /** The first row of a day carries the line above it. */
  day?: number | undefined
  /** The line "new messages" stands above this row. */
  isNew?: boolean | undefined
}

export interface BubbleRow extends RowHead {
  kind: 'bubble'
  item: TimelineItem
  /** First and last of a run of messages of one sender. */
  first: boolean
  last: boolean
}

export interface FoldRow extends RowHead {
  kind: 'fold'
  items: readonly TimelineItem[]
}

/** What the timeline shows, one row after the other. */
export type Row = BubbleRow | FoldRow

/** A longer pause begins a new run. */
const runGapMs = 5 * 60_000

/** The rows of a timeline: hidden events left out, quiet lines folded, runs of one sender kept together, days marked. */
export function rowsOf(items: readonly TimelineItem[], isDirect: boolean, newFromKey?: string): Row[] {
  const rows: Row[] = []
  let day = ''
  let isNew = false
  for (const item of items) {
    isNew ||= item.key === newFromKey
    const { shape } = tileFor(item)
    if (shape === 'hidden' || (isDirect && isDirectBeginning(item))) continue
    const ownDay = dayKey(item.ts)
    const head: RowHead = { key: item.key, day: ownDay === day ? undefined : item.ts, isNew: isNew || undefined }
    day = ownDay
    isNew = false
    append(rows, item, shape, head)
  }
  return rows
}

function append(rows: Row[], item: TimelineItem, shape: 'bubble' | 'line', head: RowHead): void {
  const before = rows.at(-1)
  const apart = head.day !== undefined || head.isNew === true || item.gapBefore
  if (shape === 'line') {
    if (before?.kind === 'fold' && !apart) rows[rows.length - 1] = { ...before, items: [...before.items, item] }
    else rows.push({ kind: 'fold', ...head, items: [item] })
    return
  }
  const continues = !apart && before?.kind === 'bubble' && sameRun(before.item, item)
  if (continues) rows[rows.length - 1] = { ...before, last: false }
  rows.push({ kind: 'bubble', ...head, item, first: !continues, last: true })
}

const sameRun = (before: TimelineItem, item: TimelineItem): boolean =>
  before.sender === item.sender && item.ts - before.ts < runGapMs

/** The first of the newest `count` messages that others wrote: where the line "new messages" stands. */
export function firstNewKey(items: readonly TimelineItem[], count: number, ownId: UserId): string | undefined {
  let left = count
  for (let at = items.length - 1; at >= 0 && left > 0; at -= 1) {
    const item = items[at]!
    if (item.sender === ownId || tileFor(item).shape !== 'bubble') continue
    left -= 1
    if (left === 0) return item.key
  }
  return undefined
}

/** True where the newest row is a message that was written here since. */
export function isJustSent(before: readonly Row[], after: readonly Row[]): boolean {
  const last = after.at(-1)
  return before.length > 0 && last?.kind === 'bubble' && last.key !== before.at(-1)?.key && last.item.status !== 'sent'
}

/** True where `after` is `before` with rows added in front: the view then keeps its place from the end. */
export function isPrepend(before: readonly Row[], after: readonly Row[]): boolean {
  const [first] = before
  return (
    first !== undefined &&
    after.length > before.length &&
    after[0]?.key !== first.key &&
    after.at(-1)?.key === before.at(-1)?.key
  )
}

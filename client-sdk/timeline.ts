import type { EventId } from '#spec/ids.ts'
import type { Signal } from './signal.ts'
import type { TimelineItem, TimelineState } from './timeline-item.ts'

/** A window on the history of a room that follows the newest events and can be moved back. */
export interface Timeline {
  /** Oldest first; what waits in the queue comes last. */
  readonly items: Signal<readonly TimelineItem[]>
  readonly state: Signal<TimelineState>
  /** Moves the beginning back: from the store first, then from the node, closing gaps on the way. Never throws: see `state`. */
  readonly loadOlder: (count?: number) => Promise<void>
  /** Moves the end on, where it was let go. */
  readonly loadNewer: (count?: number) => Promise<void>
  /** Lets go of what was loaded and stands at the newest events again. */
  readonly jumpToEnd: () => Promise<void>
  /** Fetches what is missing before an item whose `gapBefore` is set. */
  readonly closeGap: (key: string) => Promise<void>
  /** An event of the room, from the window, the store or the node. */
  readonly event: (eventId: EventId) => Promise<TimelineItem | undefined>
  /** Stops following. */
  readonly close: () => void
}

import type { Read } from '#node/db/transaction.ts'
import * as store from './store.ts'

/** What is unread in one thread. */
export interface Count {
  readonly notified: number
  readonly highlighted: number
}

/** What is unread to a person in a room. */
export interface Unread {
  /** Plain messages of the room do not notify them. */
  readonly isQuiet: boolean
  /** By root, or `main`; threads without anything unread are absent. */
  readonly threads: ReadonlyMap<string, Count>
}

/** How people stand in rooms at a position, in the order in which they are asked for. */
export async function unreadAt(sql: Read, places: readonly store.Place[], upTo: number): Promise<Unread[]> {
  if (places.length === 0) return []
  const keyOf = ({ userId, roomId }: store.Place) => `${userId} ${roomId}`
  const rows = Map.groupBy(await store.readUnread(sql, places, upTo), keyOf)
  return places.map((place) => {
    const of = rows.get(keyOf(place)) ?? []
    const threads = of.flatMap(({ threadId, ...count }) => (threadId === null ? [] : [[threadId, count] as const]))
    return { isQuiet: of[0]?.isQuiet ?? false, threads: new Map(threads) }
  })
}

/** The counts as fields of a room in an answer: for the room as a whole, or, where threads are told apart, for the main timeline and each thread. */
export function unreadFields(threads: ReadonlyMap<string, Count>, byThread: boolean): string {
  if (!byThread) return `"unread_notifications":${countText(...threads.values())}`
  const main = threads.get('main')
  const others = [...threads].filter(([threadId]) => threadId !== 'main')
  const texts = others.map(([threadId, count]) => `${JSON.stringify(threadId)}:${countText(count)}`)
  return (
    `"unread_notifications":${main ? countText(main) : countText()},` +
    `"unread_thread_notifications":{${texts.join(',')}}`
  )
}

function countText(...counts: readonly Count[]): string {
  const sum = (of: (count: Count) => number) =>
    Math.max(
      0,
      counts.reduce((total, count) => total + of(count), 0),
    )
  return `{"highlight_count":${sum((c) => c.highlighted)},"notification_count":${sum((c) => c.notified)}}`
}

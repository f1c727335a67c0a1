import { useEffect, useState } from 'react'
import type { Room } from '#client-sdk/room.ts'
import type { TimelineItem } from '#client-sdk/timeline-item.ts'
import { useSignal } from '../../parts/use-signal.ts'

/** Whatever is seen at the end of the chat is read: only while the page is in front, never behind another one. */
export function useMarkRead(room: Room, items: readonly TimelineItem[], atEnd: boolean): void {
  const visible = usePageVisible()
  const { unreadCount } = useSignal(room.summary)
  const newest = items.at(-1)?.key
  useEffect(() => {
    if (!visible || !atEnd || newest === undefined) return
    room.markRead().catch((error: unknown) => console.warn('The read receipt is sent later', error))
  }, [room, visible, atEnd, newest, unreadCount])
}

function usePageVisible(): boolean {
  const [visible, setVisible] = useState(() => document.visibilityState === 'visible')
  useEffect(() => {
    const look = () => setVisible(document.visibilityState === 'visible')
    document.addEventListener('visibilitychange', look)
    return () => document.removeEventListener('visibilitychange', look)
  }, [])
  return visible
}

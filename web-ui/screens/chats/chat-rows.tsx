import { VList } from 'virtua'
import type { RoomSummary } from '#client-sdk/room-summary.ts'
import type { RoomId } from '#spec/ids.ts'
import { ChatRow } from './chat-row.tsx'
import css from './chat-rows.module.css'

/** From here on only the rows in sight are in the page. */
const manyRows = 100

export function ChatRows({ chats, open }: { chats: readonly RoomSummary[]; open: RoomId | undefined }) {
  const rows = chats.map((room) => <ChatRow key={room.roomId} room={room} open={room.roomId === open} />)
  if (chats.length > manyRows) return <VList className={css.many}>{rows}</VList>
  return <div>{rows}</div>
}

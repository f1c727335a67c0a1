import { getMessages } from '#spec/api/client/events.ts'
import type { RoomId, UserId } from '#spec/ids.ts'
import { CallError } from '#client-sdk/call.ts'
import type { Client, OutboxItem } from '#client-sdk/client.ts'
import type { Room } from '#client-sdk/room.ts'
import type { Membership } from '#client-sdk/store/store.ts'
import type { TimelineItem } from '#client-sdk/timeline-item.ts'
import { when } from '../when.ts'

/*
 * What somebody sees, as steps of scripts ask for it. Each waits for it.
 */

/** An item of the timeline that `is` accepts. */
export async function seeItem(
  client: Client,
  roomId: RoomId,
  is: (item: TimelineItem) => boolean,
  what: string,
): Promise<TimelineItem> {
  const timeline = client.room(roomId).timeline()
  try {
    return await when(timeline.items, (items) => items.find(is), what)
  } finally {
    timeline.close()
  }
}

export const isSaying =
  (text: string) =>
  ({ content }: TimelineItem): boolean =>
    content['body'] === text

/** Waits until what was put into the queue has left it, or has been refused: then it is taken out, and the refusal thrown. */
export async function settled(client: Client, room: Room, txnId: string): Promise<void> {
  const isSettled = (items: readonly OutboxItem[]) => {
    const item = items.find((one) => one.txnId === txnId)
    return item === undefined ? 'sent' : item.status === 'failed' && (item.error ?? 'sent')
  }
  const outcome = await when(client.outbox, isSettled, 'the queue to send')
  if (outcome === 'sent') return
  await room.remove(txnId)
  throw new CallError('matrix', outcome.message, { code: outcome.code })
}

/** Waits until somebody has this membership, as the client sees it. */
export const seeMembership = (client: Client, roomId: RoomId, userId: UserId, wanted: readonly Membership[]) =>
  when(
    client.room(roomId).members,
    ({ byId }) => wanted.includes(byId.get(userId)?.membership ?? 'leave'),
    `${userId} to be ${wanted.join(' or ')}`,
  )

/** Waits until the client's own membership is one of these. */
export const seeOwnMembership = (client: Client, roomId: RoomId, wanted: readonly Membership[]) =>
  when(
    client.room(roomId).summary,
    ({ membership }) => wanted.includes(membership),
    `the own membership to be ${wanted.join(' or ')}`,
  )

/** Every message in the history that the node shows this person, oldest first. */
export async function messagesShown(client: Client, roomId: RoomId): Promise<string[]> {
  const texts: string[] = []
  let from: string | undefined
  do {
    const query = { dir: 'b' as const, limit: 50, ...(from !== undefined && { from }) }
    const page = await client.call(getMessages, { params: { roomId }, query })
    for (const { content } of page.chunk) if (typeof content['body'] === 'string') texts.push(content['body'])
    from = page.end
  } while (from !== undefined)
  return texts.toReversed()
}

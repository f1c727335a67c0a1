import type { UserId } from '#spec/ids.ts'
import type { ReceiptInRoom } from '#node/ephemeral/store.ts'

export const typingText = (userIds: readonly UserId[]): string =>
  JSON.stringify({ content: { user_ids: userIds }, type: 'm.typing' })

type Receipt = Pick<ReceiptInRoom, 'userId' | 'type' | 'threadId' | 'eventId' | 'receivedAt'>

type ByUser = Map<string, { ts: number; thread_id?: string }>

/** m.receipt events for some receipts: one for each thread, for one content cannot hold the same user twice under an event. */
export const receiptTexts = (receipts: readonly Receipt[]): string[] =>
  [...Map.groupBy(receipts, (receipt) => receipt.threadId).values()].map(receiptText)

function receiptText(receipts: readonly Receipt[]): string {
  const content = new Map<string, Map<string, ByUser>>()
  for (const { eventId, type, userId, threadId, receivedAt } of receipts) {
    const byUser = entry(
      entry(content, eventId, () => new Map<string, ByUser>()),
      type,
      (): ByUser => new Map(),
    )
    byUser.set(userId, { ts: receivedAt, ...(threadId !== '' && { thread_id: threadId }) })
  }
  return JSON.stringify({ content: plain(content), type: 'm.receipt' })
}

function entry<V>(map: Map<string, V>, key: string, make: () => V): V {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = make()
  map.set(key, made)
  return made
}

const plain = (map: ReadonlyMap<string, unknown>): unknown =>
  Object.fromEntries([...map].map(([key, value]) => [key, value instanceof Map ? plain(value) : value]))

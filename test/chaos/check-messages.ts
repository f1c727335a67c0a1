import type { Message } from './ledger.ts'

/** A message as it is found somewhere: under which id, and which of those sent it is. */
export interface FoundMessage extends Omit<Message, 'eventId'> {
  readonly eventId: string
}

/** What must be empty. */
export interface Verdict {
  /** Acknowledged, and not there. */
  readonly lost: Set<Message>
  /** There more than once, whether acknowledged or not. */
  readonly doubled: Set<Message>
  /** Acknowledged under one id, and there under another. */
  readonly renamed: Set<Message>
  /** Everything else that is wrong, one sentence each. */
  readonly broken: string[]
}

export const cleanVerdict = (): Verdict => ({
  lost: new Set(),
  doubled: new Set(),
  renamed: new Set(),
  broken: [],
})

const keyOf = ({ sender, roomId, txnId }: Pick<Message, 'sender' | 'roomId' | 'txnId'>): string =>
  `${sender} ${roomId} ${txnId}`

/** Every acknowledged message once, under the id that was told; every other one at most once; and nothing that nobody sent. */
export function checkMessages(
  where: string,
  sent: readonly Message[],
  found: readonly FoundMessage[],
  verdict: Verdict,
): void {
  const byKey = Map.groupBy(found, keyOf)
  for (const message of sent) {
    const copies = byKey.get(keyOf(message)) ?? []
    if (copies.length > 1) verdict.doubled.add(message)
    if (message.eventId === undefined) continue
    if (copies.length === 0) verdict.lost.add(message)
    else if (!copies.some((copy) => copy.eventId === message.eventId)) verdict.renamed.add(message)
  }
  const sentKeys = new Set(sent.map(keyOf))
  for (const key of byKey.keys()) if (!sentKeys.has(key)) verdict.broken.push(`${where}: nobody sent ${key}`)
}

/** A message that somebody set out to send. */
export interface Message {
  readonly sender: string
  readonly roomId: string
  /** Also the text of the message, so that it is known again however often it is stored. */
  readonly txnId: string
  /** The id that the node told; absent while it has told none. */
  eventId: string | undefined
}

/** What one person has done in one room: came, left, came, ... */
export interface Visits {
  readonly userId: string
  readonly roomId: string
  /** How many comings and goings were acknowledged. They alternate, so the number says all. */
  acknowledged: number
  /** One more has been asked for, and nobody knows what became of it. */
  inDoubt: boolean
}

/** A room that somebody set out to make. There is no transaction id for this, so every attempt may have made one. */
export interface Founding {
  readonly name: string
  attempts: number
  roomId: string | undefined
}

/** Everything that was asked of the node, and what it said: what the check at the end holds against what it kept. */
export class Ledger {
  readonly messages: Message[] = []
  readonly visits: Visits[] = []
  readonly foundings: Founding[] = []
  /** Attempts that had no answer, or "not available at the moment". */
  retries = 0
  /** Acknowledged messages that were sent once more, to hear the same id again. */
  askedAgain = 0
  /** Those that heard another one, and what it was. */
  readonly renamed = new Map<Message, string>()
  /** Answers that no caller should ever get. */
  readonly refusals: string[] = []
  #waiters: { readonly since: number; left: number; readonly done: () => void }[] = []

  begin(sender: string, roomId: string, txnId: string): Message {
    const message = { sender, roomId, txnId, eventId: undefined }
    this.messages.push(message)
    return message
  }

  acknowledge(message: Message, eventId: string, askedAt: number): void {
    message.eventId = eventId
    for (const waiter of this.#waiters) if (askedAt >= waiter.since && --waiter.left === 0) waiter.done()
    this.#waiters = this.#waiters.filter((waiter) => waiter.left > 0)
  }

  /** Resolves when so many messages have been acknowledged that were asked for after `since` (of performance.now()). */
  stored(count: number, since: number): Promise<void> {
    if (count === 0) return Promise.resolve()
    return new Promise((done) => this.#waiters.push({ since, left: count, done }))
  }
}

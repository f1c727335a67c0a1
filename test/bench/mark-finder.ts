import { mark } from './load-plan.ts'

/** Called with the number of each message. */
export type OnMessage = (message: number) => void

const number = /^\d{1,15}$/
const longestNumber = 15

/** Finds the messages in a stream of bytes by their marks, wherever the bytes are cut. */
export class MarkFinder {
  /** What has come since a mark that may begin a message; absent where none has. */
  #begun: string | undefined

  take(bytes: Buffer, onMessage: OnMessage): void {
    let from = 0
    for (let at = bytes.indexOf(mark); at !== -1; at = bytes.indexOf(mark, from)) {
      const between = this.#begun === undefined ? '' : this.#begun + bytes.toString('latin1', from, at)
      // What lies between two marks and is no number lies between two messages: this mark begins one.
      this.#begun = number.test(between) ? undefined : ''
      if (this.#begun === undefined) onMessage(Number(between))
      from = at + 1
    }
    if (this.#begun === undefined) return
    this.#begun += bytes.length - from > longestNumber ? 'no number' : bytes.toString('latin1', from)
  }
}

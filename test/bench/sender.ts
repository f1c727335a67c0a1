import { connect, type Socket } from 'node:net'
import { contentOf, type Lane, type SenderPlan } from './load-plan.ts'

/** Called with the status of each answer. */
type OnAnswer = (status: number) => void

/** One keep-alive connection. HTTP by hand, because the generator shares the machine with what it measures. */
export class Sender {
  readonly #plan: SenderPlan
  readonly #socket: Socket
  readonly #heads: readonly string[]
  #turn: number
  #received = ''
  #onAnswer: OnAnswer = () => undefined

  private constructor(plan: SenderPlan, socket: Socket, turn: number) {
    this.#plan = plan
    this.#socket = socket
    this.#turn = turn
    this.#heads = plan.map(headOf)
    socket.setNoDelay(true).setEncoding('latin1')
    socket.on('data', (text: string) => this.#read(text))
    socket.on('error', () => this.#onAnswer(0))
  }

  static open(plan: SenderPlan, port: number, index: number): Promise<Sender> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.off('error', reject)
        resolve(new Sender(plan, socket, index))
      })
      socket.once('error', reject)
    })
  }

  /** The lane that the next message takes. */
  get next(): Lane {
    return this.#plan[this.#turn % this.#plan.length]!
  }

  send(message: number | string, txnId: string, onAnswer: OnAnswer): void {
    const turn = this.#turn++ % this.#plan.length
    this.#onAnswer = onAnswer
    const body = contentOf(message)
    const head = `PUT ${this.#plan[turn]!.path}/${txnId}${this.#heads[turn]!}${body.length}`
    this.#socket.write(`${head}\r\n\r\n${body}`, 'latin1')
  }

  close(): void {
    this.#socket.destroy()
  }

  #read(text: string): void {
    this.#received += text
    const end = this.#received.indexOf('\r\n\r\n')
    if (end === -1) return
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(this.#received.slice(0, end))?.[1])
    if (Number.isNaN(length)) throw new Error(`an answer without content-length:\n${this.#received}`)
    if (this.#received.length < end + 4 + length) return
    const status = Number(this.#received.slice(9, 12))
    this.#received = ''
    this.#onAnswer(status)
  }
}

const headOf = ({ token }: Lane): string =>
  ` HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: `

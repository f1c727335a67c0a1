import { setTimeout as pause } from 'node:timers/promises'
import type { InputOf } from '#client-sdk/call.ts'
import type { Endpoint, ResponseOf } from '#spec/endpoint.ts'
import type { Caller } from './caller.ts'
import type { Dice } from './dice.ts'
import type { Ledger } from './ledger.ts'

/** What all who put the node under load share. */
export interface Load {
  readonly baseUrl: string
  readonly ledger: Ledger
  /** Everybody stops; what has no answer by then stays without one. */
  over: boolean
}

export interface Outcome<E extends Endpoint> {
  /** Absent where the caller gave up, or was refused. */
  readonly answer: ResponseOf<E> | undefined
  readonly attempts: number
  /** When the last attempt began. */
  readonly askedAt: number
}

const firstPauseMs = 5
const longestPauseMs = 100

/**
 * Asks until there is an answer, as every client does: no answer and 503 mean "ask again". Any other answer than 200 is one too many,
 * for nothing is asked that is not allowed. With `givesUp`, one failed attempt of so many is the last.
 */
export async function persist<E extends Endpoint>(
  load: Load,
  caller: Caller,
  dice: Dice,
  what: { endpoint: E; input: InputOf<E>; givesUp?: number },
): Promise<Outcome<E>> {
  for (let attempts = 1; ; attempts++) {
    const askedAt = performance.now()
    const { status, body, trouble, mayAskAgain } = await caller.call(what.endpoint, what.input)
    if (status === 200) return { answer: body, attempts, askedAt }
    if (!mayAskAgain) load.ledger.refusals.push(`${what.endpoint.method} ${what.endpoint.path}: ${trouble}`)
    const isLast = !mayAskAgain || load.over || dice.chance(what.givesUp ?? 0)
    if (!isLast) load.ledger.retries++
    await pause(Math.min(longestPauseMs, firstPauseMs * 2 ** attempts) * (0.5 + dice.next()))
    if (isLast) return { answer: undefined, attempts, askedAt }
  }
}

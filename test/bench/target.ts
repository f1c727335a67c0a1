import type { Lane, LoadPlan, SenderPlan } from './load-plan.ts'
import { sendersPerScenario, type Scenario } from './scenarios.ts'

/** What is being measured: the node, or the limit. */
export interface Target {
  readonly name: string
  /** Who listens and sends in this scenario, and where. */
  plan(scenario: Scenario): Promise<Pick<LoadPlan, 'port' | 'rooms' | 'senders' | 'listeners'>>
  /** CPU time so far, in microseconds. */
  cpu(): { process: number; postgres: number }
  /** Settles when its process has ended. */
  readonly ended: Promise<unknown>
  stop(): Promise<void>
}

/** Paths of `PUT /send`, up to the slash before the transaction id. */
export const sendPath = (room: string): string =>
  `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/send/m.room.message`

/** Every sender takes every lane in turn, each beginning with another one. */
export const sendersOver = (lanes: readonly Lane[]): SenderPlan[] =>
  Array.from({ length: sendersPerScenario }, (_, index) => {
    const first = Math.floor((index * lanes.length) / sendersPerScenario)
    return [...lanes.slice(first), ...lanes.slice(0, first)]
  })

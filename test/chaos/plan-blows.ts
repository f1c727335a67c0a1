import type { Dice } from './dice.ts'

/** One act of violence: what is killed, and when. */
export interface Blow {
  readonly target: 'node' | 'postgres' | 'both'
  /** Not before this long after the node was ready, or was back. */
  readonly afterMs: number
  /** Not before so many messages have been stored since then. */
  readonly afterMessages: number
}

/** Some blows hit a node that is still warming up, most of them one under full load. */
const latestMs = 300
const mostMessages = 250

/** So many kills of the node with so many of its Postgres spread among them; every fourth of those takes the node with it. */
export function planBlows(nodeCycles: number, postgresCycles: number, dice: Dice): Blow[] {
  const count = nodeCycles + postgresCycles
  const isPostgres = (index: number) =>
    Math.floor(((index + 1) * postgresCycles) / count) > Math.floor((index * postgresCycles) / count)
  let strikes = 0
  return Array.from({ length: count }, (_, index) => {
    const target = isPostgres(index) ? (strikes++ % 4 === 1 ? 'both' : 'postgres') : 'node'
    return { target, afterMs: dice.below(latestMs), afterMessages: dice.below(mostMessages) }
  })
}

/** For a Postgres that forgets: each blow comes when there is plenty to forget. */
export const mutantBlows = (count: number): Blow[] =>
  Array.from({ length: count }, () => ({ target: 'postgres', afterMs: 0, afterMessages: 200 }))

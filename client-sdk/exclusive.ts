/**
 * Runs one thing at a time, in the order asked for. What is read from the store before a write is still true when it is written
 * because both happen inside one turn. A turn must never wait for another turn, or for the network.
 */
export function exclusive(): <T>(turn: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (turn) => {
    const result = last.then(turn, turn)
    last = result.catch(() => undefined)
    return result
  }
}

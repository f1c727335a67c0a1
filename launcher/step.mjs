// @ts-check
/** A reason to stop that the person at the keyboard can act on: one sentence. */
export class LaunchError extends Error {
  /** @override */
  name = 'LaunchError'
}

/** @param {string} line */
const say = (line) => process.stderr.write(`${line}\n`)

/**
 * Runs a step of the preparation. One that takes more than a second is announced, and says now and then that it is still at it.
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const started = performance.now()
  const seconds = () => Math.round((performance.now() - started) / 1000)
  let announced = false
  const announce = setTimeout(() => ((announced = true), say(`${title} ...`)), 900)
  const beat = setInterval(() => say(`${title} ... ${seconds()} s`), 15_000)
  try {
    const result = await work()
    if (announced) say(`${title}: done in ${seconds()} s`)
    return result
  } finally {
    clearTimeout(announce)
    clearInterval(beat)
  }
}

const firstMs = 500
const maxMs = 60_000

/**
 * How long to wait before the next try after `failures` failures in a row, in ms: doubling from half a second to a minute, the upper
 * half by chance, so that a thousand clients of a restarted node do not return together. `random` is between 0 and 1.
 */
export function backoffMs(failures: number, random: number): number {
  const ceiling = Math.min(maxMs, firstMs * 2 ** Math.min(failures, 16))
  return ceiling / 2 + (ceiling / 2) * random
}

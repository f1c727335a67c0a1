const firstMs = 500
const longestMs = 5_000
const longestHiddenMs = 60_000

/**
 * How long to wait before the next try after `failures` failures in a row, in ms: doubling from half a second to five seconds, the upper
 * half by chance, so that a thousand clients of a restarted node do not return together. While the page is `hidden` nobody waits for it,
 * and the longest is a minute. `random` is between 0 and 1.
 */
export function backoffMs(failures: number, random: number, hidden: boolean): number {
  const ceiling = Math.min(hidden ? longestHiddenMs : longestMs, firstMs * 2 ** Math.min(failures, 16))
  return ceiling / 2 + (ceiling / 2) * random
}

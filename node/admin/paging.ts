/** Where the next page begins; nothing on the last. */
export function nextOf({ from }: { from: number }, rows: readonly unknown[], total: number): { next_token?: number } {
  const next = from + rows.length
  return rows.length > 0 && next < total ? { next_token: next } : {}
}

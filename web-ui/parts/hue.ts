/** Which of the twelve people colours an id has (FNV-1a, so that neighbouring ids differ). */
export function hueOf(id: string): number {
  let hash = 0x811c9dc5
  for (const char of id) hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193) >>> 0
  return hash % 12
}

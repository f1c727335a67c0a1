/** An object of objects from triples of names and a value. Names are anybody's choice: `__proto__` is one like any other. */
export function nested<Value>(
  triples: Iterable<readonly [outer: string, inner: string, value: Value]>,
): Record<string, Record<string, Value>> {
  const byOuter = new Map<string, Map<string, Value>>()
  for (const [outer, inner, value] of triples) {
    const found = byOuter.get(outer)
    if (found) found.set(inner, value)
    else byOuter.set(outer, new Map([[inner, value]]))
  }
  return Object.fromEntries([...byOuter].map(([outer, values]) => [outer, Object.fromEntries(values)]))
}

/** Small things of this device, such as theme and language. Where the browser keeps nothing (private windows), they last as long as the page. */
const fallback = new Map<string, string>()
const prefix = 'hearth.'

export const kept = (name: string): string | undefined =>
  whereAllowed(() => localStorage.getItem(prefix + name)) ?? fallback.get(name)

export function keep(name: string, value: string): void {
  fallback.set(name, value)
  whereAllowed(() => localStorage.setItem(prefix + name, value))
}

export function drop(name: string): void {
  fallback.delete(name)
  whereAllowed(() => localStorage.removeItem(prefix + name))
}

export function keptNames(): string[] {
  const stored = whereAllowed(() => Object.keys(localStorage)) ?? []
  const names = stored.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length))
  return [...new Set([...names, ...fallback.keys()])]
}

function whereAllowed<Value>(access: () => Value): Value | undefined {
  try {
    return access()
  } catch (error) {
    if (error instanceof DOMException || error instanceof ReferenceError) return undefined
    throw error
  }
}

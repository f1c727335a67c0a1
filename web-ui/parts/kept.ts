/** Small choices of this device, such as theme and language. Where the browser keeps nothing (private windows), they last as long as the page. */
const fallback = new Map<string, string>()

export function kept(name: string): string | undefined {
  try {
    return localStorage.getItem(`hearth.${name}`) ?? fallback.get(name)
  } catch (error) {
    if (error instanceof DOMException || error instanceof ReferenceError) return fallback.get(name)
    throw error
  }
}

export function keep(name: string, value: string): void {
  fallback.set(name, value)
  try {
    localStorage.setItem(`hearth.${name}`, value)
  } catch (error) {
    if (!(error instanceof DOMException || error instanceof ReferenceError)) throw error
  }
}

/** Emoji, its name, and more words to find it by. */
export type Emoji = readonly [sign: string, name: string, words: string]

const lists: Record<string, () => Promise<{ default: unknown }>> = {
  en: () => import('./en.json'),
  tr: () => import('./tr.json'),
}

/** All emoji in groups, named in one language. */
export async function loadEmoji(language: string): Promise<readonly (readonly Emoji[])[]> {
  const list = await (lists[language] ?? lists['en']!)()
  return list.default as readonly (readonly Emoji[])[]
}

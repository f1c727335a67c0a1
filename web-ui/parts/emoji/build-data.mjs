// Writes the emoji lists of this folder: `node build-data.mjs <emojibase-data> <cldr-annotations-full>`, each an unpacked npm package.
// emojibase-data 17.0.0 (MIT) gives order and groups, cldr-annotations-full 48.2.0 (Unicode-3.0) names and search words.
import { readFileSync, writeFileSync } from 'node:fs'

const [, , emojibase, cldr] = process.argv
const languages = ['en', 'tr']
const newestVersion = 14 // Later ones are boxes on the phones of a few years ago.
const component = 2
const genderSign = /\u200d[\u2640\u2642]/u
const read = (path) => JSON.parse(readFileSync(path, 'utf8'))

const base = read(`${emojibase}/en/data.json`)
  .filter(
    (one) =>
      one.group !== undefined && one.group !== component && one.version <= newestVersion && !genderSign.test(one.emoji),
  )
  .sort((a, b) => a.order - b.order)

for (const language of languages) {
  const plain = read(`${cldr}/annotations/${language}/annotations.json`).annotations.annotations
  const words = (emoji) => plain[emoji] ?? plain[emoji.replaceAll('\ufe0f', '')]
  const groups = {}
  for (const { emoji, group } of base) {
    const found = words(emoji)
    if (!found) continue
    const name = found.tts?.[0] ?? found.default[0]
    const keys = [...new Set((found.default ?? []).flatMap((key) => key.split(' ')))].filter(
      (key) => !name.includes(key),
    )
    ;(groups[group] ??= []).push([emoji, name, keys.join(' ')])
  }
  writeFileSync(
    new URL(`${language}.json`, import.meta.url),
    `${JSON.stringify(Object.values(groups)).replaceAll('],[', '],\n[')}\n`,
  )
}

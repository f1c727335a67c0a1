/** Letters whose marks Unicode does not take apart, and those that small letters do not bring together. */
const plain: Readonly<Record<string, string>> = {
  ı: 'i',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ŧ: 't',
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  þ: 'th',
  ς: 'σ',
}

/**
 * A text as searches compare it: without accents, in small letters, its blanks as single spaces. All four letters I of Turkish (I, ı, İ, i)
 * become `i`, so that people find each other on any keyboard.
 */
export const fold = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[ıøłđðħŧßæœþς]/g, (letter) => plain[letter] ?? letter)
    .replace(/\s+/gu, ' ')
    .trim()

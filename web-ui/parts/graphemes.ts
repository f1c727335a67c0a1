// COMPAT(Firefox 115 to 124, which have no Intl.Segmenter; remove when the floor rises): there, emoji of several parts are taken apart.
const segmenter = 'Segmenter' in Intl ? new Intl.Segmenter(undefined, { granularity: 'grapheme' }) : undefined

/** The signs of a text as a reader counts them: a family emoji is one. */
export const graphemes = (text: string): string[] =>
  segmenter ? [...segmenter.segment(text)].map((part) => part.segment) : [...text]

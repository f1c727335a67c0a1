import { graphemes } from './graphemes.ts'

const emoji = /^(\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|[0-9#*]\uFE0F?\u20E3)/u

/** One to three emoji and nothing else. */
export function isEmojiOnly(text: string): boolean {
  if (text.length > 60) return false
  const signs = graphemes(text.replace(/\s/gu, ''))
  return signs.length > 0 && signs.length <= 3 && signs.every((sign) => emoji.test(sign))
}

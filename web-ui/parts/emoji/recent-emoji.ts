import { keep, kept } from '../kept.ts'

const most = 24
const firstOnes = ['❤️', '👍', '😂', '😊', '🙏', '😍', '🎉', '😢']

/** The emoji used last on this device, newest first; a few well-liked ones at the beginning. */
export const recentEmoji = (): readonly string[] => kept('emoji')?.split(' ') ?? firstOnes

export function rememberEmoji(sign: string): void {
  keep('emoji', [sign, ...recentEmoji().filter((one) => one !== sign)].slice(0, most).join(' '))
}

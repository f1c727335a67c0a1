import { isEmojiOnly } from '../parts/emoji-only.ts'
import { MessageText } from '../parts/message-text.tsx'
import { textOf } from './tile.ts'
import type { Tile } from './tile.ts'

/** `m.room.message` with words in it: `m.text` and `m.notice`. */
export const textTile: Tile = {
  shape: 'bubble',
  text: (_, event) => textOf(event.content, 'body') ?? '',
  isBare: (event) => isEmojiOnly(textOf(event.content, 'body') ?? ''),
  Body: ({ event }) => <MessageText text={textOf(event.content, 'body') ?? ''} />,
}

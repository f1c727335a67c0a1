import { textOf } from './tile.ts'
import type { Tile } from './tile.ts'

/** `m.emote`: what somebody does, told with the name in front. */
export const emoteTile: Tile = {
  shape: 'line',
  text: (_, event, { nameOf }) => `${nameOf(event.sender)} ${textOf(event.content, 'body') ?? ''}`,
}

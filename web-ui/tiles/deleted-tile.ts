import { msg } from '@lingui/core/macro'
import type { Tile } from './tile.ts'

/** A redacted message: that there was one, and nothing of it. */
export const deletedTile: Tile = {
  shape: 'bubble',
  text: (i18n, event, { ownId }) =>
    event.sender === ownId ? i18n._(msg`You deleted this message`) : i18n._(msg`This message was deleted`),
}

import { msg } from '@lingui/core/macro'
import { textOf } from './tile.ts'
import type { Tile } from './tile.ts'

/** A message of a kind that this app cannot show yet: its fallback text where it brings one. */
export const unknownTile: Tile = {
  shape: 'bubble',
  text: (i18n, event) => textOf(event.content, 'body') ?? i18n._(msg`A kind of message this app cannot show yet`),
}

/** `m.room.encrypted`: there is a message, and no key for it here. */
export const encryptedTile: Tile = {
  shape: 'bubble',
  text: (i18n) => i18n._(msg`An encrypted message. This app cannot open it yet.`),
}

const kinds: Record<string, ReturnType<typeof msg>> = {
  'm.image': msg`Photo`,
  'm.video': msg`Video`,
  'm.audio': msg`Sound`,
  'm.file': msg`File`,
  'm.location': msg`Place`,
}

/** Photos, files and the like: their kind and name, until this app can open them. */
export const attachmentTile: Tile = {
  shape: 'bubble',
  text(i18n, event) {
    const kind = kinds[textOf(event.content, 'msgtype') ?? ''] ?? msg`File`
    const name = textOf(event.content, 'body')
    return name === undefined ? i18n._(kind) : `${i18n._(kind)}: ${name}`
  },
}

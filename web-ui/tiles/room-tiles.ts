import { msg } from '@lingui/core/macro'
import { textOf } from './tile.ts'
import type { Tile } from './tile.ts'

/** `m.room.create` */
export const createTile: Tile = {
  shape: 'line',
  text(i18n, event, { ownId, nameOf }) {
    const name = nameOf(event.sender)
    return event.sender === ownId ? i18n._(msg`You created the group`) : i18n._(msg`${name} created the group`)
  },
}

/** `m.room.name` */
export const nameTile: Tile = {
  shape: 'line',
  text(i18n, event, { ownId, nameOf }) {
    const actor = nameOf(event.sender)
    const name = textOf(event.content, 'name') ?? ''
    if (name === '')
      return event.sender === ownId
        ? i18n._(msg`You removed the group name`)
        : i18n._(msg`${actor} removed the group name`)
    return event.sender === ownId
      ? i18n._(msg`You named the group “${name}”`)
      : i18n._(msg`${actor} named the group “${name}”`)
  },
}

/** `m.room.topic` */
export const topicTile: Tile = {
  shape: 'line',
  text(i18n, event, { ownId, nameOf }) {
    const actor = nameOf(event.sender)
    return event.sender === ownId
      ? i18n._(msg`You changed the description`)
      : i18n._(msg`${actor} changed the description`)
  },
}

/** `m.room.encryption` */
export const encryptionTile: Tile = { shape: 'line', text: (i18n) => i18n._(msg`Messages are encrypted from here on`) }

import { deletedTile } from './deleted-tile.ts'
import { emoteTile } from './emote-tile.ts'
import { memberChange, memberTile } from './member-tile.ts'
import { createTile, encryptionTile, nameTile, topicTile } from './room-tiles.ts'
import { textTile } from './text-tile.tsx'
import { textOf } from './tile.ts'
import type { Tile, TileEvent } from './tile.ts'
import { attachmentTile, encryptedTile, unknownTile } from './unknown-tile.ts'

const hidden: Tile = { shape: 'hidden', text: () => '' }

const messages: Record<string, Tile> = {
  'm.text': textTile,
  'm.notice': textTile,
  'm.emote': emoteTile,
  'm.image': attachmentTile,
  'm.video': attachmentTile,
  'm.audio': attachmentTile,
  'm.file': attachmentTile,
  'm.location': attachmentTile,
}

const state: Record<string, Tile> = {
  'm.room.create': createTile,
  'm.room.name': nameTile,
  'm.room.topic': topicTile,
  'm.room.encryption': encryptionTile,
}

/** Which tile shows an event. Only place where event types are told apart for showing. */
export function tileFor(event: TileEvent): Tile {
  if (event.stateKey !== undefined) return stateTile(event)
  if (event.type === 'm.reaction' || event.type === 'm.room.redaction') return hidden
  if (event.redacted) return deletedTile
  if (event.type === 'm.room.encrypted') return encryptedTile
  if (event.type !== 'm.room.message') return unknownTile
  return messages[textOf(event.content, 'msgtype') ?? ''] ?? unknownTile
}

/** Settings that only servers care for stay out of the way. */
function stateTile(event: TileEvent): Tile {
  if (event.redacted) return hidden
  if (event.type !== 'm.room.member') return state[event.type] ?? hidden
  return memberChange(event) === 'nothing' ? hidden : memberTile
}

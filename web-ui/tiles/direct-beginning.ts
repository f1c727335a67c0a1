import { memberChange } from './member-tile.ts'
import type { TileEvent } from './tile.ts'

/** True for how every chat of two begins: it was made, one invited the other, both are there. Nobody needs to be told. */
export function isDirectBeginning(event: TileEvent): boolean {
  if (event.type === 'm.room.create') return true
  if (event.type !== 'm.room.member') return false
  const change = memberChange(event)
  return change === 'joined' || (change === 'invited' && event.prevContent === undefined)
}

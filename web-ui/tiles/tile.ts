import type { I18n } from '@lingui/core'
import type { ComponentType } from 'react'
import type { UserId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'

/** What a tile may look at: an event of a timeline, or the newest one of a chat in the list. */
export interface TileEvent {
  readonly type: string
  readonly stateKey?: string | undefined
  readonly sender: UserId
  readonly content: JsonObject
  readonly prevContent?: JsonObject | undefined
  readonly redacted: boolean
}

/** Who is looking, and what people are called here. */
export interface TileContext {
  readonly ownId: UserId
  nameOf(userId: UserId): string
}

/** How one kind of event is shown. `tile-for.ts` chooses. */
export interface Tile {
  /** `bubble`: with its sender, one by one. `line`: a quiet line in the middle; neighbours are folded. `hidden`: not at all. */
  readonly shape: 'bubble' | 'line' | 'hidden'
  /** One line of plain text: in the list of chats, in folded lines and for screen readers. */
  readonly text: (i18n: I18n, event: TileEvent, context: TileContext) => string
  /** Stands by itself, without a bubble around it. */
  readonly isBare?: (event: TileEvent) => boolean
  /** Inside of the bubble; where absent, the text stands there in a quiet way. */
  readonly Body?: ComponentType<{ event: TileEvent }>
}

/** The value under a key, where it is text. */
export const textOf = (content: JsonObject | undefined, key: string): string | undefined => {
  const value = content?.[key]
  return typeof value === 'string' ? value : undefined
}

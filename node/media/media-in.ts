import { parseMxc, type MediaId } from '#spec/ids.ts'
import type { RoomEvent } from '#spec/room/event.ts'

/** A file of this server that an event names. */
export interface NamedMedia {
  readonly mediaId: MediaId
  /** The event shows it as its own, rather than mentioning it. */
  readonly isOwn: boolean
}

/** More than anybody means to name: a pack of stickers has some hundred. */
const mostNamed = 500
const mostValues = 5_000

/** The files of this server that an event names, wherever in its content. */
export function mediaIn({ type, content }: Pick<RoomEvent, 'type' | 'content'>, serverName: string): NamedMedia[] {
  if (type === 'm.room.encrypted' || type === 'm.reaction') return []
  const named = new Map<MediaId, NamedMedia>()
  const own = new Set(ownPlaces(content))
  for (const text of textsIn(content)) {
    if (!text.includes('mxc://')) continue
    for (const [uri] of text.matchAll(/mxc:\/\/[^\s"'<>/]{1,255}\/[A-Za-z0-9_-]{1,255}/g)) {
      const address = parseMxc(uri)
      if (address?.server !== serverName || named.size >= mostNamed) continue
      named.set(address.mediaId, { mediaId: address.mediaId, isOwn: own.has(uri) })
    }
  }
  return [...named.values()]
}

/** Client-Server API, "m.room.message msgtypes", "Sticker Messages", "m.room.avatar". */
function ownPlaces(content: Readonly<Record<string, unknown>>): unknown[] {
  const info = memberOf(content, 'info')
  return [
    content['url'],
    memberOf(memberOf(content, 'file'), 'url'),
    memberOf(info, 'thumbnail_url'),
    memberOf(memberOf(info, 'thumbnail_file'), 'url'),
  ]
}

const memberOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined

/** Every string of a value, by a list rather than the stack. */
function* textsIn(content: unknown): Generator<string> {
  const waiting: unknown[] = [content]
  for (let seen = 0; waiting.length > 0 && seen < mostValues; seen++) {
    const value = waiting.pop()
    if (typeof value === 'string') yield value
    else if (typeof value === 'object' && value !== null) waiting.push(...Object.values(value).slice(0, mostValues))
  }
}

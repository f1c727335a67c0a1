import { unreadFields } from '#node/push/unread.ts'
import type { Listener } from './listener.ts'
import type { RoomFeed } from './room-feed.ts'
import type { RoomNews, Variation } from './room-news.ts'
import { textFrame } from './text-frame.ts'

/** What one listener is told in one frame. */
export interface Told {
  readonly entries: readonly [RoomFeed, RoomNews][]
  /** Events of presence, joined. */
  readonly presence: string
}

/** The frame for one listener; the same one for all who listen to the same room, or to none, alike. */
export function frameFor(
  listener: Listener,
  { entries, presence }: Told,
  ofNoRoom: Map<string, Buffer>,
  now: number,
  upTo: number,
): Buffer {
  const only = entries.length === 1 ? entries[0]! : undefined
  const parts = entries.map(([feed, news]) => partFor(listener, feed, news))
  const compose = () => {
    const rooms = entries.map(([, news], i) => news.text(now, upTo, parts[i]!)).join(',')
    return textFrame(
      `{"next_batch":"s${upTo}"${presence === '' ? '' : `,"presence":{"events":[${presence}]}`}` +
        `${rooms === '' ? '' : `,"rooms":{"join":{${rooms}}}`}}`,
    )
  }
  if (entries.length === 0) return kept(ofNoRoom, presence, compose)
  if (!only || parts[0]!.device) return compose()
  const { members, unread, heroes } = parts[0]!
  return kept(only[1].frames, `${unread} ${heroes?.join(' ')} ${members} ${presence}`, compose)
}

function kept(frames: Map<string, Buffer>, key: string, compose: () => Buffer): Buffer {
  const known = frames.get(key)
  if (known) return known
  const made = compose()
  frames.set(key, made)
  return made
}

function partFor(listener: Listener, feed: RoomFeed, news: RoomNews): Variation {
  const standing = feed.listeners.get(listener)!
  const unknown = listener.isLazy ? feed.unknownPeople(news, standing, listener.reader.known) : []
  return {
    members: unknown.length === 0 ? '' : feed.memberTexts(unknown),
    unread: unreadFields(standing.unread ?? new Map(), listener.tellsThreads),
    heroes: news.heroesFor(listener.userId),
    device: news.hasEventOf(listener.userId, listener.deviceId) ? listener : undefined,
  }
}

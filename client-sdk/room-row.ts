import type { StrippedStateEvent, SyncEvent } from '#spec/api/client/client-event.ts'
import { isRoomAlias, isUserId, type RoomId } from '#spec/ids.ts'
import {
  avatarUrlOf,
  canonicalAliasOf,
  displayNameOf,
  encryptionOf,
  membershipOf,
  roomAvatarOf,
  roomNameOf,
  roomVersionIdOf,
  topicOf,
} from '#spec/room/content.ts'
import type { Hero, LastMessage, MemberRow, RoomRow, StateRow } from './store/store.ts'

/** A room of which nothing is known yet. */
export const newRoomRow = (roomId: RoomId): RoomRow => ({
  roomId,
  membership: 'leave',
  isEncrypted: false,
  heroes: [],
  joinedCount: 0,
  invitedCount: 0,
  unreadCount: 0,
  highlightCount: 0,
  lastActivityTs: 0,
  membersComplete: false,
  topOrdinal: 0,
})

/** Forgets what state said of a room, before it arrives anew. */
export const withoutFacts = (row: RoomRow): RoomRow => ({
  ...row,
  name: undefined,
  canonicalAlias: undefined,
  topic: undefined,
  avatarUrl: undefined,
  version: undefined,
  isEncrypted: false,
  heroes: [],
  inviter: undefined,
  invitedDirectly: undefined,
  membersComplete: false,
})

/** What one state event changes about a room. */
export function applyState(
  row: RoomRow,
  event: Pick<SyncEvent, 'type' | 'content'> & { state_key?: string | undefined },
): RoomRow {
  if (event.state_key !== '') return row
  switch (event.type) {
    case 'm.room.create':
      return { ...row, version: roomVersionIdOf(event) }
    case 'm.room.name':
      return { ...row, name: roomNameOf(event) }
    case 'm.room.canonical_alias': {
      const alias = canonicalAliasOf(event)
      return { ...row, canonicalAlias: isRoomAlias(alias) ? alias : undefined }
    }
    case 'm.room.topic':
      return { ...row, topic: topicOf(event) }
    case 'm.room.avatar':
      return { ...row, avatarUrl: roomAvatarOf(event) }
    case 'm.room.encryption':
      // Once encrypted, always encrypted: a later event cannot take it back.
      return { ...row, isEncrypted: row.isEncrypted || encryptionOf(event) !== undefined }
    default:
      return row
  }
}

/** The row of a member event; nothing for one that names no user or an unknown membership. */
export function memberRowOf(roomId: RoomId, event: SyncEvent | StrippedStateEvent): MemberRow | undefined {
  const membership = membershipOf(event)
  if (event.type !== 'm.room.member' || !isUserId(event.state_key) || membership === undefined) return undefined
  return {
    roomId,
    userId: event.state_key,
    membership,
    displayName: displayNameOf(event),
    avatarUrl: avatarUrlOf(event),
  }
}

/** The row of any other state event. */
export function stateRowOf(roomId: RoomId, event: SyncEvent | StrippedStateEvent): StateRow | undefined {
  if (event.type === 'm.room.member' || event.state_key === undefined) return undefined
  const { type, state_key: stateKey, sender, content } = event
  return {
    roomId,
    type,
    stateKey,
    sender,
    content,
    eventId: 'event_id' in event ? (event as SyncEvent).event_id : undefined,
  }
}

const messageTypes: ReadonlySet<string> = new Set(['m.room.message', 'm.room.encrypted', 'm.sticker'])

/** True for what people write to each other: it is shown in the list of rooms, moves a room up, and counts as unread. */
export const isMessage = (type: string): boolean => messageTypes.has(type)

/** An event as the list of rooms shows it. */
export const lastMessageOf = (event: SyncEvent, senderName: string): LastMessage => ({
  eventId: event.event_id,
  type: event.type,
  sender: event.sender,
  senderName,
  content: event.content,
  ts: event.origin_server_ts,
  redacted: event.unsigned?.redacted_because !== undefined,
})

/** A member as the name of a room needs it. */
export const heroOf = ({ userId, displayName, avatarUrl }: MemberRow): Hero => ({ userId, displayName, avatarUrl })

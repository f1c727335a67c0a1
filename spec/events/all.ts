import { direct } from './direct.ts'
import type { EventType } from './event-type.ts'
import { fullyRead } from './fully-read.ts'
import { ignoredUserList } from './ignored-user-list.ts'
import { presence } from './presence.ts'
import { reaction } from './reaction.ts'
import { receipt } from './receipt.ts'
import { roomAvatar } from './room-avatar.ts'
import { roomCanonicalAlias } from './room-canonical-alias.ts'
import { roomCreate } from './room-create.ts'
import { roomEncrypted } from './room-encrypted.ts'
import { roomEncryption } from './room-encryption.ts'
import { roomGuestAccess } from './room-guest-access.ts'
import { roomHistoryVisibility } from './room-history-visibility.ts'
import { roomJoinRules } from './room-join-rules.ts'
import { roomMember } from './room-member.ts'
import { roomMessage } from './room-message.ts'
import { roomName } from './room-name.ts'
import { roomPinnedEvents } from './room-pinned-events.ts'
import { roomPowerLevels } from './room-power-levels.ts'
import { roomRedaction } from './room-redaction.ts'
import { roomServerAcl } from './room-server-acl.ts'
import { roomThirdPartyInvite } from './room-third-party-invite.ts'
import { roomTombstone } from './room-tombstone.ts'
import { roomTopic } from './room-topic.ts'
import { spaceChild } from './space-child.ts'
import { spaceParent } from './space-parent.ts'
import { tag } from './tag.ts'
import { typing } from './typing.ts'

/** Every event type that has a schema here. A bundle that needs a few imports those files instead. */
export const eventTypes: readonly EventType[] = [
  direct,
  fullyRead,
  ignoredUserList,
  presence,
  reaction,
  receipt,
  roomAvatar,
  roomCanonicalAlias,
  roomCreate,
  roomEncrypted,
  roomEncryption,
  roomGuestAccess,
  roomHistoryVisibility,
  roomJoinRules,
  roomMember,
  roomMessage,
  roomName,
  roomPinnedEvents,
  roomPowerLevels,
  roomRedaction,
  roomServerAcl,
  roomThirdPartyInvite,
  roomTombstone,
  roomTopic,
  spaceChild,
  spaceParent,
  tag,
  typing,
]
const byType: ReadonlyMap<string, EventType> = new Map(eventTypes.map((declared) => [declared.type, declared]))

/** The event type of this name; nothing if it has no schema here. */
export const eventTypeOf = (type: string): EventType | undefined => byType.get(type)

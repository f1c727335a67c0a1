import type { RoomId, UserId } from '#spec/ids.ts'
import { accountDataKind } from '#node/accounts/account-data.ts'
import { changeTag, readTags } from '#node/accounts/tags.ts'
import type { Deps } from '#node/deps.ts'
import { write, type FactKind, type Write } from '#node/stream/commit.ts'
import { createRoom } from '../create-room.ts'
import { inviteUser } from '../memberships.ts'
import { readMember } from '../store.ts'
import { readNoticesRoom, setNoticesRooms, type NoticesRoomRow } from './store.ts'

/** By this clients know the room. Client-Server API, "Server Notices". */
const noticesTag = 'm.server_notice'

/** Of one user there is one at a time: whoever makes it has the turn. */
const noticesRoomKind: FactKind<NoticesRoomRow> = {
  name: 'room of server notices',
  positioned: false,
  write: (tx, facts) => [
    setNoticesRooms(
      tx,
      facts.map(({ row }) => row),
    ),
  ],
}

/** The room in which the server speaks to a user, who is in it or invited after this. */
export async function noticesRoomFor(deps: Deps, speaker: UserId, userId: UserId): Promise<RoomId> {
  const roomId = await readNoticesRoom(deps.sql, userId, speaker)
  if (roomId === undefined) return makeNoticesRoom(deps, speaker, userId)
  const member = await readMember(deps.sql, roomId, userId)
  if (member?.membership !== 'join' && member?.membership !== 'invite')
    await inviteUser(deps, { roomId, sender: speaker, target: userId, reason: undefined })
  const tags = await readTags(deps, userId, roomId)
  if (!Object.hasOwn(tags, noticesTag)) await changeTag(deps, userId, { roomId, tag: noticesTag, value: {} })
  return roomId
}

/** The room, the invitation, the tag, and that it is the one: all or nothing. Nobody but the server says or changes anything there. */
const makeNoticesRoom = (deps: Deps, speaker: UserId, userId: UserId): Promise<RoomId> =>
  createRoom(
    deps,
    speaker,
    {
      preset: 'private_chat',
      name: 'Server Notices',
      topic: `What ${deps.config.serverName} has to tell you`,
      invite: [userId],
      initial_state: [{ type: 'm.room.guest_access', state_key: '', content: { guest_access: 'forbidden' } }],
      power_level_content_override: { users_default: -10, invite: 50 },
    },
    {
      beside: (roomId): Write[] => [
        write(noticesRoomKind, { userId, roomId }),
        write(accountDataKind, {
          userId,
          roomId,
          type: 'm.tag',
          content: JSON.stringify({ tags: { [noticesTag]: {} } }),
        }),
      ],
    },
  )

import { forbidden, MatrixError } from '#spec/errors.ts'
import type { RoomId, UserId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import type { EventDraft } from '#spec/room/build.ts'
import { membershipOf, type Membership } from '#spec/room/content.ts'
import { readShownProfile, type ShownProfile } from '#node/accounts/profile.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { appendEvents } from './append-event.ts'
import { checkReachable } from './reachable.ts'
import { readPiece, type Room } from './room.ts'
import * as store from './store.ts'

/** Who acts on whom, where, and why. */
export interface MembershipChange {
  readonly roomId: RoomId
  readonly sender: UserId
  readonly target: UserId
  readonly reason: string | undefined
}

const withReason = (reason: string | undefined): JsonObject => (reason === undefined ? {} : { reason })

export const inviteContent = (
  profile: JsonObject | undefined,
  options: { isDirect?: boolean | undefined; reason?: string | undefined } = {},
): JsonObject => ({
  ...profile,
  membership: 'invite',
  ...(options.isDirect === undefined ? {} : { is_direct: options.isDirect }),
  ...withReason(options.reason),
})

const memberEvent = (change: MembershipChange, content: JsonObject): EventDraft => ({
  type: 'm.room.member',
  sender: change.sender,
  state_key: change.target,
  content,
})

const membershipIn = async (deps: Deps, room: Room, user: UserId): Promise<Membership | undefined> =>
  membershipOf(await readPiece(deps, room, 'm.room.member', user))

/** Who already is in the room stays as they are. */
export async function joinRoom(deps: Deps, userId: UserId, roomId: RoomId, reason?: string): Promise<void> {
  const profile = await readShownProfile(deps.sql, userId)
  const change = { roomId, sender: userId, target: userId, reason }
  await appendEvents(deps, roomId, async (room) => {
    if ((await membershipIn(deps, room, userId)) === 'join') return []
    return [memberEvent(change, { ...profile, membership: 'join', ...withReason(reason) })]
  })
}

/** Leaves a room, or declines an invitation to it. */
export async function leaveRoom(deps: Deps, userId: UserId, roomId: RoomId, reason?: string): Promise<void> {
  const change = { roomId, sender: userId, target: userId, reason }
  await appendEvents(deps, roomId, async (room) => {
    const membership = await membershipIn(deps, room, userId)
    if (membership === 'leave') return []
    if (membership === undefined) throw forbidden('You are not in this room.')
    return [memberEvent(change, { membership: 'leave', ...withReason(reason) })]
  })
}

export async function inviteUser(deps: Deps, change: MembershipChange): Promise<void> {
  await checkReachable(deps, change.target)
  const profile = await readShownProfile(deps.sql, change.target)
  await appendEvents(deps, change.roomId, async (room) => {
    await checkSenderIn(deps, room, change.sender)
    // Inviting again is for those who let the first one pass unseen; it changes nothing.
    if ((await membershipIn(deps, room, change.target)) === 'invite') return []
    return [memberEvent(change, inviteContent({ ...profile }, { reason: change.reason }))]
  })
}

/** Removes somebody who is in the room, or takes back an invitation. */
export const kickUser = (deps: Deps, change: MembershipChange) =>
  changeMembership(deps, change, 'leave', (target) => {
    if (target === undefined || target === 'leave' || target === 'ban')
      throw forbidden('This person is not in the room.')
  })

export const banUser = (deps: Deps, change: MembershipChange) => changeMembership(deps, change, 'ban', () => undefined)

export const unbanUser = (deps: Deps, change: MembershipChange) =>
  changeMembership(deps, change, 'leave', (target) => {
    if (target !== 'ban') throw forbidden('This person is not banned.')
  })

async function changeMembership(
  deps: Deps,
  change: MembershipChange,
  membership: Membership,
  checkTarget: (target: Membership | undefined) => void,
): Promise<void> {
  await appendEvents(deps, change.roomId, async (room) => {
    await checkSenderIn(deps, room, change.sender)
    checkTarget(await membershipIn(deps, room, change.target))
    return [memberEvent(change, { membership, ...withReason(change.reason) })]
  })
}

async function checkSenderIn(deps: Deps, room: Room, sender: UserId): Promise<void> {
  if ((await membershipIn(deps, room, sender)) !== 'join') throw forbidden('You are not in this room.')
}

/** Takes a room that one has left off one's lists, and its history out of one's sight. */
export async function forgetRoom(deps: Deps, userId: UserId, roomId: RoomId): Promise<void> {
  const forgotten = await transaction(deps.sql, (tx) => store.setForgotten(tx, roomId, userId))
  if (forgotten.count === 0) throw new MatrixError('M_UNKNOWN', 'Only a room that you have left can be forgotten.')
}

/** Carries a new name or picture into the rooms that its owner is in. */
export async function showProfileInRooms(deps: Deps, userId: UserId, profile: ShownProfile): Promise<void> {
  const rooms = await store.readRoomsOf(deps.sql, userId, 'join')
  for (const { roomId } of rooms) {
    await appendEvents(deps, roomId, async (room) => {
      const member = await readPiece(deps, room, 'm.room.member', userId)
      if (membershipOf(member) !== 'join' || showsProfile(member!.content, profile)) return []
      return [
        memberEvent({ roomId, sender: userId, target: userId, reason: undefined }, { ...profile, membership: 'join' }),
      ]
    })
  }
}

const showsProfile = (content: JsonObject, profile: ShownProfile) =>
  content['displayname'] === profile.displayname && content['avatar_url'] === profile.avatar_url

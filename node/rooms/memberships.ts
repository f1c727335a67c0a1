import type { inviteUser as inviteUserEndpoint } from '#spec/api/client/rooms.ts'
import type { BodyOf } from '#spec/endpoint.ts'
import { badJson, forbidden, MatrixError } from '#spec/errors.ts'
import type { RoomId, UserId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import type { EventDraft } from '#spec/room/build.ts'
import { membershipOf, type Membership } from '#spec/room/content.ts'
import { checkNotSuspended } from '#node/accounts/moderation/account-status.ts'
import { readShownProfile, type ShownProfile } from '#node/accounts/profile.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { checkNotBlocked } from './administration/blocked.ts'
import { appendEvents } from './append-event.ts'
import { findAuthorisingUser } from './authorise-join.ts'
import { replacementFor, settingsToCarry, tellOfReplacement, type Replacement } from './carry-settings.ts'
import { checkInside, membershipIn } from './membership-in.ts'
import { checkReachable } from './reachable.ts'
import { outside, readPiece } from './room.ts'
import { checkMayDecline } from './server-notices/check-may-decline.ts'
import * as store from './store.ts'

/** Who acts on whom, where, and why. */
export interface MembershipChange {
  readonly roomId: RoomId
  readonly sender: UserId
  readonly target: UserId
  readonly reason: string | undefined
}

export const withReason = (reason: string | undefined): JsonObject => (reason === undefined ? {} : { reason })

export const inviteContent = (
  profile: JsonObject | undefined,
  options: { isDirect?: boolean | undefined; reason?: string | undefined } = {},
): JsonObject => ({
  ...profile,
  membership: 'invite',
  ...(options.isDirect === undefined ? {} : { is_direct: options.isDirect }),
  ...withReason(options.reason),
})

export const memberEvent = (change: MembershipChange, content: JsonObject): EventDraft => ({
  type: 'm.room.member',
  sender: change.sender,
  state_key: change.target,
  content,
})

/** Who already is in the room stays as they are. */
export async function joinRoom(deps: Deps, userId: UserId, roomId: RoomId, reason?: string): Promise<void> {
  checkNotSuspended(deps, userId)
  await checkNotBlocked(deps, roomId)
  const profile = await readShownProfile(deps.sql, userId)
  const change = { roomId, sender: userId, target: userId, reason }
  let replacement: Replacement | undefined
  await appendEvents(deps, roomId, async (room) => {
    const membership = await membershipIn(deps, room, userId)
    if (membership === 'join') return []
    replacement = await replacementFor(deps, room, userId)
    const authorisedBy = membership === 'invite' ? undefined : await findAuthorisingUser(deps, room, userId)
    const authorisation = authorisedBy && { join_authorised_via_users_server: authorisedBy }
    return {
      drafts: [memberEvent(change, { ...profile, membership: 'join', ...withReason(reason), ...authorisation })],
      beside: replacement && (await settingsToCarry(deps, userId, replacement)),
    }
  })
  if (replacement) await tellOfReplacement(deps, userId, replacement)
}

interface Leaving {
  readonly reason?: string | undefined
  /** Whoever has no account any more goes in any case. */
  readonly mayDeclineAll?: boolean
}

/** Leaves a room, or declines an invitation to it. */
export async function leaveRoom(
  deps: Deps,
  userId: UserId,
  roomId: RoomId,
  { reason, mayDeclineAll = false }: Leaving = {},
): Promise<void> {
  const change = { roomId, sender: userId, target: userId, reason }
  await appendEvents(deps, roomId, async (room) => {
    const member = await readPiece(deps, room, 'm.room.member', userId)
    const membership = membershipOf(member)
    if (membership === 'leave') return []
    if (membership === undefined) throw outside()
    if (!mayDeclineAll) checkMayDecline(deps, member)
    return [memberEvent(change, { membership: 'leave', ...withReason(reason) })]
  })
}

type InvitedBody = Pick<BodyOf<typeof inviteUserEndpoint>, 'user_id' | 'medium' | 'address'>

/** Whom a request to invite is about. Throws for somebody who is known by an address alone. */
export function requireInvited(body: InvitedBody): UserId {
  if (body.user_id !== undefined) return body.user_id
  throw body.medium === undefined && body.address === undefined ? badJson('user_id is missing.') : invitesNoAddress()
}

export const invitesNoAddress = () =>
  new MatrixError('M_THREEPID_DENIED', 'This server cannot invite people by e-mail address or telephone number.')

export async function inviteUser(deps: Deps, change: MembershipChange): Promise<void> {
  await checkReachable(deps, change.target)
  await checkNotBlocked(deps, change.roomId)
  const profile = await readShownProfile(deps.sql, change.target)
  await appendEvents(deps, change.roomId, async (room) => {
    await checkInside(deps, room, change.sender)
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
    if (target !== 'ban') throw new MatrixError('M_BAD_STATE', 'This person is not banned.', { status: 403 })
  })

async function changeMembership(
  deps: Deps,
  change: MembershipChange,
  membership: Membership,
  checkTarget: (target: Membership | undefined) => void,
): Promise<void> {
  await appendEvents(deps, change.roomId, async (room) => {
    await checkInside(deps, room, change.sender)
    checkTarget(await membershipIn(deps, room, change.target))
    return [memberEvent(change, { membership, ...withReason(change.reason) })]
  })
}

/** Takes a room that one has left off one's lists, and its history out of one's sight. */
export async function forgetRoom(deps: Deps, userId: UserId, roomId: RoomId): Promise<void> {
  const forgotten = await transaction(deps.sql, (tx) => store.setForgotten(tx, roomId, userId))
  if (forgotten.count === 0) throw new MatrixError('M_UNKNOWN', 'Only a room that you have left can be forgotten.')
}

/** Carries a new name or picture into the rooms that its owner is in. A room where that fails does not keep it from the others. */
export async function showProfileInRooms(deps: Deps, userId: UserId): Promise<void> {
  const rooms = await store.readRoomsOf(deps.sql, userId, 'join')
  const failures: unknown[] = []
  for (const { roomId } of rooms)
    await showProfileIn(deps, userId, roomId).catch((error: unknown) => failures.push(error))
  if (failures.length > 0) throw failures[0]
}

/** Of two changes at once the last one stays: what the profile says is read when it is the room's turn. */
async function showProfileIn(deps: Deps, userId: UserId, roomId: RoomId): Promise<void> {
  await appendEvents(deps, roomId, async (room) => {
    const member = await readPiece(deps, room, 'm.room.member', userId)
    const profile = await readShownProfile(deps.sql, userId)
    if (membershipOf(member) !== 'join' || showsProfile(member!.content, profile)) return []
    const change = { roomId, sender: userId, target: userId, reason: undefined }
    return [memberEvent(change, { ...profile, membership: 'join' })]
  })
}

const showsProfile = (content: JsonObject, profile: ShownProfile) =>
  content['displayname'] === profile.displayname && content['avatar_url'] === profile.avatar_url

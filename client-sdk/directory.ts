import { getProfile, setProfileField } from '#spec/api/client/profile.ts'
import { searchUserDirectory } from '#spec/api/client/user-directory.ts'
import type { UserId } from '#spec/ids.ts'
import type { FoundUser } from './client.ts'
import type { SessionKeeper } from './session.ts'

/** People whose name or id has the term in it, best first. */
export async function searchUsers(session: SessionKeeper, term: string, limit: number): Promise<readonly FoundUser[]> {
  const { results } = await session.call(searchUserDirectory, { body: { search_term: term, limit } })
  return results.map(({ user_id, display_name, avatar_url }) => found(user_id, display_name, avatar_url))
}

/** What a person shows to everybody. */
export async function profileOf(session: SessionKeeper, userId: UserId): Promise<FoundUser> {
  const { displayname, avatar_url } = await session.call(getProfile, { params: { userId } })
  return found(userId, displayname, avatar_url)
}

/** Sets the user's own name. */
export async function setDisplayName(session: SessionKeeper, userId: UserId, name: string): Promise<void> {
  await session.call(setProfileField, { params: { userId, keyName: 'displayname' }, body: { displayname: name } })
}

/** Servers say null where there is nothing. */
const found = (userId: UserId, name: string | null | undefined, avatar: string | null | undefined): FoundUser => ({
  userId,
  displayName: name ?? undefined,
  avatarUrl: avatar ?? undefined,
})

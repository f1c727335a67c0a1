import { maxAvatarUrlLength, maxDisplayNameLength, maxProfileBytes } from '#spec/api/client/profile.ts'
import { invalidParam, MatrixError, notFound } from '#spec/errors.ts'
import { isServerName, localpartOf, type UserId } from '#spec/ids.ts'
import type { Json, JsonObject } from '#spec/json.ts'
import { isLongerThan, maxKeyBytes, utf8Length } from '#spec/limits.ts'
import { transaction, type Read } from '#node/db/transaction.ts'
import { perNode, type Deps } from '#node/deps.ts'
import { searchTextOf } from './register.ts'
import { lockProfile, readProfileRow, updateProfile, type ProfileRow } from './store.ts'

/** The part of a profile that memberships carry. */
export interface ShownProfile {
  readonly displayname?: string
  readonly avatar_url?: string
}

type Listener = (userId: UserId, profile: ShownProfile) => Promise<void>

const listenersOf = perNode(() => new Set<Listener>())

/**
 * Calls `listener` after a user has set or removed name or picture, and before the user hears of it. It is called again when the request
 * is repeated with nothing new, so that a listener which failed gets another chance. The answer ends it.
 */
export function onProfileChange(deps: Deps, listener: Listener): () => void {
  const listeners = listenersOf(deps)
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The whole profile of a user of this server; nothing if there is no such user. */
export async function readProfile(sql: Read, userId: UserId): Promise<JsonObject | undefined> {
  const row = await readProfileRow(sql, userId)
  return row && profileOf(row)
}

/** Name and picture of a user of this server, to go into a membership. */
export async function readShownProfile(sql: Read, userId: UserId): Promise<ShownProfile> {
  const row = await readProfileRow(sql, userId)
  return row ? shownOf(row) : {}
}

/** One field, in an object under its own name. Throws M_NOT_FOUND. */
export async function readProfileField(sql: Read, userId: UserId, key: string): Promise<JsonObject> {
  const profile = await readProfile(sql, userId)
  if (profile === undefined || !Object.hasOwn(profile, key)) throw notFound('There is no such profile field.')
  return { [key]: profile[key]! }
}

/** Sets a field of a profile, or removes it where `value` is `undefined`. Throws what `setProfileField` of the API documents. */
export async function setProfileField(deps: Deps, userId: UserId, key: string, value: Json | undefined): Promise<void> {
  checkKey(key)
  const kept = value === undefined ? undefined : checkValue(key, value)
  const row = await transaction(deps.sql, async (tx) => {
    const before = await lockProfile(tx, userId)
    if (before === undefined) throw notFound('There is no such user.')
    const after = withField(before, key, kept)
    if (utf8Length(JSON.stringify(profileOf(after))) > maxProfileBytes)
      throw new MatrixError('M_PROFILE_TOO_LARGE', 'The profile would be larger than 64 KiB.')
    await updateProfile(tx, userId, after, searchTextOf(localpartOf(userId), after.displayname ?? undefined))
    return after
  })
  if (!isShown(key)) return
  for (const listener of [...listenersOf(deps)]) await listener(userId, shownOf(row))
}

const isShown = (key: string) => key === 'displayname' || key === 'avatar_url'

const shownOf = ({ displayname, avatarUrl }: ProfileRow): ShownProfile => ({
  ...(displayname !== null && { displayname }),
  ...(avatarUrl !== null && { avatar_url: avatarUrl }),
})

const profileOf = (row: ProfileRow): JsonObject => ({ ...(JSON.parse(row.fields) as JsonObject), ...shownOf(row) })

function withField(row: ProfileRow, key: string, value: Json | undefined): ProfileRow {
  if (key === 'displayname') return { ...row, displayname: (value ?? null) as string | null }
  if (key === 'avatar_url') return { ...row, avatarUrl: (value ?? null) as string | null }
  const fields = new Map(Object.entries(JSON.parse(row.fields) as JsonObject))
  if (value === undefined) fields.delete(key)
  else fields.set(key, value)
  return { ...row, fields: JSON.stringify(Object.fromEntries(fields)) }
}

/** Appendices, "Common Namespaced Identifier Grammar". */
function checkKey(key: string): void {
  if (isLongerThan(key, maxKeyBytes)) throw new MatrixError('M_KEY_TOO_LARGE', 'The name of the field is too long.')
  if (!isShown(key) && !/^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)+$/.test(key))
    throw invalidParam('A profile field is named displayname, avatar_url, or like org.example.field.')
}

/** The value as it is kept; an empty name or picture is none. */
function checkValue(key: string, value: Json): Json | undefined {
  if (isShown(key) && (value === '' || value === null)) return undefined
  if (key === 'displayname') checkDisplayName(value)
  if (key === 'avatar_url') checkAvatarUrl(value)
  if (key === 'm.tz' && (typeof value !== 'string' || value.length > 255))
    throw invalidParam('m.tz must be a time zone.')
  return value
}

function checkDisplayName(value: Json): void {
  if (typeof value !== 'string') throw invalidParam('displayname must be a string.')
  if (value.length > maxDisplayNameLength)
    throw invalidParam(`A display name may have at most ${maxDisplayNameLength} characters.`)
}

function checkAvatarUrl(value: Json): void {
  const server = typeof value === 'string' ? /^mxc:\/\/([^/]+)\/[A-Za-z0-9_-]+$/.exec(value)?.[1] : undefined
  if (!isServerName(server) || (value as string).length > maxAvatarUrlLength)
    throw invalidParam('avatar_url must be an mxc:// address.')
}

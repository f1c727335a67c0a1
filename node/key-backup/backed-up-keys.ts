import type { keyBackupData } from '#spec/api/client/key-backup.ts'
import { maxBackupKeys } from '#spec/api/client/key-backup.ts'
import { invalidParam, MatrixError } from '#spec/errors.ts'
import type { RoomId, UserId } from '#spec/ids.ts'
import { transaction, type Tx } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import type * as z from 'zod/mini'
import * as store from './store.ts'
import { findBackup, noBackup, numberOf } from './versions.ts'

type KeyData = z.output<typeof keyBackupData>
/** A key and the session that it is of. */
export type SessionKey = readonly [roomId: RoomId, sessionId: string, key: KeyData]

/** How keys of a backup stand: the etag changes with them. */
export type Standing = { etag: string; count: number }

const longestSessionId = 255

/** Stores keys in the newest backup, where they are better than those that are there. */
export async function storeKeys(
  deps: Deps,
  userId: UserId,
  version: string,
  keys: readonly SessionKey[],
): Promise<Standing> {
  if (keys.length > maxBackupKeys)
    throw new MatrixError('M_TOO_LARGE', `A request stores at most ${maxBackupKeys} keys.`)
  if (keys.some(([, sessionId]) => sessionId === '' || sessionId.length > longestSessionId))
    throw invalidParam(`A session id has 1 to ${longestSessionId} characters.`)
  return transaction(deps.sql, async (tx) => {
    const backup = await lockCurrent(tx, userId, version)
    if (keys.length === 0) return standingOf(backup)
    const { added, changed } = await store.upsertKeys(tx, userId, backup.version, keys.map(rowOf))
    return standingOf(changed === 0 ? backup : await store.countChange(tx, userId, backup.version, added))
  })
}

async function lockCurrent(tx: Tx, userId: UserId, version: string): Promise<store.BackupRow> {
  await store.lockBackups(tx, userId)
  const current = await store.readCurrentBackup(tx, userId)
  if (current === undefined) throw noBackup()
  if (String(current.version) !== version)
    throw new MatrixError('M_WRONG_ROOM_KEYS_VERSION', 'There is a newer backup.', {
      extra: { current_version: String(current.version) },
    })
  return current
}

const rowOf = ([roomId, sessionId, key]: SessionKey): store.BackedUpKey => ({
  roomId,
  sessionId,
  isVerified: key.is_verified,
  firstMessageIndex: key.first_message_index,
  forwardedCount: key.forwarded_count,
  key: JSON.stringify(key),
})

const standingOf = ({ etag, count }: { etag: number; count: number }): Standing => ({ etag: String(etag), count })

/** Keys of any backup of the user, by room and session, as JSON texts. Throws M_NOT_FOUND if there is no such backup. */
export async function findKeys(
  deps: Deps,
  userId: UserId,
  version: string,
  which: store.Which,
): Promise<Map<RoomId, Map<string, string>>> {
  const backup = await findBackup(deps, userId, version)
  const rows = await store.readKeys(deps.sql, userId, backup.version, which)
  const byRoom = Map.groupBy(rows, (row) => row.roomId)
  return new Map([...byRoom].map(([roomId, of]) => [roomId, new Map(of.map((row) => [row.sessionId, row.key]))]))
}

/** The JSON of keys by session. */
export const sessionsText = (keys: ReadonlyMap<string, string> | undefined): string =>
  `{"sessions":{${[...(keys ?? [])].map(([sessionId, key]) => `${JSON.stringify(sessionId)}:${key}`).join(',')}}}`

/** Deletes keys, for ever. */
export const removeKeys = (deps: Deps, userId: UserId, version: string, which: store.Which): Promise<Standing> =>
  transaction(deps.sql, async (tx) => {
    await store.lockBackups(tx, userId)
    const backup = await store.readBackup(tx, userId, numberOf(version))
    if (backup === undefined || backup.isDeleted) throw noBackup()
    const gone = await store.deleteKeys(tx, userId, backup.version, which)
    return standingOf(gone === 0 ? backup : await store.countChange(tx, userId, backup.version, -gone))
  })

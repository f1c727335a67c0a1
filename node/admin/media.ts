import type * as api from '#spec/api/admin/media.ts'
import type { QueryOf, ResponseOf } from '#spec/endpoint.ts'
import { notFound } from '#spec/errors.ts'
import type { MediaAddress, MediaId, UserId } from '#spec/ids.ts'
import { findAccount } from '#node/accounts/administration/list-accounts.ts'
import { ownServer } from '#node/accounts/check-password.ts'
import type { Deps } from '#node/deps.ts'
import { deleteMedia } from '#node/media/delete-media.ts'
import { quarantineMedia } from '#node/media/govern-media.ts'
import { readMedia, type ListedMedia } from '#node/media/store.ts'
import { nextOf } from './paging.ts'
import * as store from './store.ts'

const shown = (row: ListedMedia) => ({
  media_id: row.mediaId,
  media_type: row.contentType,
  media_length: row.sizeBytes,
  upload_name: row.filename,
  created_ts: row.createdAt,
  last_access_ts: null,
  quarantined_by: row.isQuarantined ? 'administrator' : null,
  safe_from_quarantine: false,
})

const noSuchFile = () => notFound('There is no such file.')

type Page = QueryOf<typeof api.getMediaOfUser>

/** A page of the files that a user has uploaded. */
export async function listMediaOfUser(
  deps: Deps,
  userId: UserId,
  page: Page,
): Promise<ResponseOf<typeof api.getMediaOfUser>> {
  await findAccount(deps, userId)
  const [rows, total] = await Promise.all([
    store.readMediaPage(deps.sql, userId, page),
    store.countMedia(deps.sql, userId),
  ])
  return { media: rows.map(shown), ...nextOf(page, rows, total), total }
}

async function deleteAll(deps: Deps, ids: readonly MediaId[]): Promise<ResponseOf<typeof api.deleteMediaItem>> {
  const deleted: MediaId[] = []
  for (const mediaId of ids) if (await deleteMedia(deps, { server: ownServer(deps), mediaId })) deleted.push(mediaId)
  return { deleted_media: deleted, total: deleted.length }
}

/** Deletes a page of the files that a user has uploaded. */
export async function deleteMediaOfUser(deps: Deps, userId: UserId, page: Page) {
  await findAccount(deps, userId)
  const rows = await store.readMediaPage(deps.sql, userId, page)
  return deleteAll(
    deps,
    rows.map(({ mediaId }) => mediaId),
  )
}

/** Deletes what is old and large; a thousand files at most. */
export const deleteOldMedia = async (deps: Deps, wanted: QueryOf<typeof api.deleteOldMedia>) =>
  deleteAll(deps, await store.readOldMedia(deps.sql, ownServer(deps), wanted))

/** Deletes one file. Throws M_NOT_FOUND. */
export async function deleteItem(deps: Deps, address: MediaAddress) {
  if (!(await deleteMedia(deps, address))) throw noSuchFile()
  return { deleted_media: [address.mediaId], total: 1 }
}

/** What is known of a file. Throws M_NOT_FOUND. */
export async function mediaInfo(deps: Deps, address: MediaAddress): Promise<ResponseOf<typeof api.getMediaInfo>> {
  const row = await readMedia(deps.sql, address)
  if (row === undefined) throw noSuchFile()
  const { mediaId, server } = address
  return {
    media_info: {
      ...shown({ ...row, mediaId, uploadedAt: null }),
      media_origin: server,
      user_id: row.userId,
      sha256: row.sha256,
    },
  }
}

/** Forbids the bytes of a file, or allows them. Throws M_NOT_FOUND. */
export async function setQuarantine(deps: Deps, address: MediaAddress, isForbidden: boolean): Promise<{}> {
  if (!(await quarantineMedia(deps, address, isForbidden))) throw noSuchFile()
  return {}
}

/** Forbids the bytes of every file of a user. */
export async function quarantineAllOf(deps: Deps, userId: UserId): Promise<{ num_quarantined: number }> {
  await findAccount(deps, userId)
  const ids = await store.readStoredMedia(deps.sql, userId)
  let count = 0
  for (const mediaId of ids) if (await quarantineMedia(deps, { server: ownServer(deps), mediaId }, true)) count++
  return { num_quarantined: count }
}

/** What users have uploaded, together. */
export async function mediaUsage(
  deps: Deps,
  wanted: QueryOf<typeof api.getMediaUsage>,
): Promise<ResponseOf<typeof api.getMediaUsage>> {
  const rows = await store.readUsage(deps.sql, wanted)
  const total = rows[0]?.total ?? (await store.readUsage(deps.sql, { ...wanted, from: 0, limit: 1 }))[0]?.total ?? 0
  const users = rows.map(({ userId, displayname, count, length }) => ({
    user_id: userId,
    displayname,
    media_count: count,
    media_length: length,
  }))
  return { users, ...nextOf(wanted, rows, total), total }
}

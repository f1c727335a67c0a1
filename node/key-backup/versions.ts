import type {
  createBackup as createEndpoint,
  getBackup as endpoint,
  updateBackup as updateEndpoint,
} from '#spec/api/client/key-backup.ts'
import type { BodyOf, ResponseOf } from '#spec/endpoint.ts'
import { invalidParam, notFound } from '#spec/errors.ts'
import type { UserId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import * as store from './store.ts'

export const createBackup = (deps: Deps, userId: UserId, body: BodyOf<typeof createEndpoint>): Promise<string> =>
  transaction(deps.sql, async (tx) => {
    await store.lockBackups(tx, userId)
    return String(await store.insertBackup(tx, userId, body.algorithm, JSON.stringify(body.auth_data)))
  })

/** A backup of the user, the newest if none is named. Throws M_NOT_FOUND. */
export async function findBackup(deps: Deps, userId: UserId, version?: string): Promise<store.BackupRow> {
  const number = version === undefined ? undefined : numberOf(version)
  const row =
    number === undefined
      ? await store.readCurrentBackup(deps.sql, userId)
      : await store.readBackup(deps.sql, userId, number)
  if (row === undefined || row.isDeleted) throw noBackup()
  return row
}

export const describeBackup = (row: store.BackupRow): ResponseOf<typeof endpoint> => ({
  algorithm: row.algorithm,
  auth_data: JSON.parse(row.authData) as JsonObject,
  count: row.count,
  etag: String(row.etag),
  version: String(row.version),
})

export async function updateBackup(
  deps: Deps,
  userId: UserId,
  version: string,
  body: BodyOf<typeof updateEndpoint>,
): Promise<void> {
  await transaction(deps.sql, async (tx) => {
    await store.lockBackups(tx, userId)
    const row = await store.readBackup(tx, userId, numberOf(version))
    if (row === undefined || row.isDeleted) throw noBackup()
    if (body.version !== undefined && body.version !== version)
      throw invalidParam('The version is not that of the path.')
    if (body.algorithm !== row.algorithm) throw invalidParam('The algorithm of a backup does not change.')
    await store.updateAuthData(tx, userId, row.version, JSON.stringify(body.auth_data))
  })
}

export async function deleteBackup(deps: Deps, userId: UserId, version: string): Promise<void> {
  await transaction(deps.sql, async (tx) => {
    await store.lockBackups(tx, userId)
    const row = await store.readBackup(tx, userId, numberOf(version))
    if (row === undefined) throw noBackup()
    if (!row.isDeleted) await store.deleteBackup(tx, userId, row.version)
  })
}

export const noBackup = () => notFound('You have no such backup.')

/** The number that a version is here. Whatever is none names no backup. */
export function numberOf(version: string): number {
  if (!/^[1-9]\d{0,14}$/.test(version)) throw noBackup()
  return Number(version)
}

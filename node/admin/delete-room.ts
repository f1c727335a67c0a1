import type { deleteRoom, roomDeletion } from '#spec/api/admin/rooms.ts'
import type * as z from 'zod/mini'
import type { BodyOf } from '#spec/endpoint.ts'
import { invalidParam, notFound } from '#spec/errors.ts'
import type { RoomId, UserId } from '#spec/ids.ts'
import { roomTables as ofAccounts } from '#node/accounts/administration/store.ts'
import { newId } from '#node/accounts/tokens.ts'
import { deleteOfRoom } from '#node/db/delete-of-room.ts'
import { transaction, type Tx } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { roomTables as ofEphemeral } from '#node/ephemeral/store.ts'
import { enqueue } from '#node/jobs/enqueue.ts'
import { jobKind } from '#node/jobs/job-kind.ts'
import { deleteKeysOfRoom } from '#node/key-backup/store.ts'
import { deleteReferencesOf } from '#node/media/store.ts'
import { roomTables as ofPush } from '#node/push/store.ts'
import { roomTables as ofReports } from '#node/reports/store.ts'
import { closeRoom, emptyRoom } from '#node/rooms/administration/close-room.ts'
import * as store from '#node/rooms/administration/store.ts'
import { readRoom } from '#node/rooms/store.ts'
import { roomTables as ofScheduled } from '#node/scheduled/store.ts'
import { roomTables as ofSearch } from '#node/search/store.ts'

const tables = [
  ...ofAccounts,
  ...store.roomTables,
  ...ofEphemeral,
  ...ofPush,
  ...ofReports,
  ...ofSearch,
  ...ofScheduled,
]

/** So many rows go in one transaction. */
const batch = 1_000
/** So long a device may be away, and still hear that its user was taken out. */
export const departuresKeptMs = 7 * 86_400_000

/** Asks for a room to be deleted; it begins at once. From now on nobody comes in. Throws M_NOT_FOUND. */
export async function askToDelete(
  deps: Deps,
  by: UserId,
  roomId: RoomId,
  { block, purge, new_room_user_id: newRoomUser }: BodyOf<typeof deleteRoom>,
): Promise<string> {
  if (newRoomUser !== undefined) throw invalidParam('This server makes no other room in place of one that it deletes.')
  if ((await readRoom(deps.sql, roomId)) === undefined) throw notFound('There is no such room.')
  const deleteId = newId(deps)
  const now = deps.clock.now()
  await transaction(deps.sql, async (tx) => {
    const blocks = block || (await store.readBlock(tx, roomId)) !== undefined
    await store.insertBlock(tx, roomId, by, now)
    await store.insertDeletion(tx, { deleteId, roomId, by, now, blocks, purges: purge })
    await enqueue(deps, tx, deletingRoom, { deleteId }, { lane: roomId })
  })
  return deleteId
}

/** Takes everybody out, then deletes what there is. Whatever was done already is found done when it is run again. */
export const deletingRoom = jobKind<{ deleteId: string }>(
  'admin.delete-room',
  async (deps, { deleteId }, { signal }) => {
    const deletion = (await store.readDeletion(deps.sql, deleteId))!
    const { roomId, purges, blocks } = deletion
    await transaction(deps.sql, (tx) => store.noteProgress(tx, deleteId, 'active', []))
    while ((await readRoom(deps.sql, roomId)) !== undefined) {
      const kicked = await emptyRoom(deps, roomId, signal)
      await transaction(deps.sql, (tx) => store.noteProgress(tx, deleteId, 'active', kicked))
      if (!purges || (await closeRoom(deps, roomId))) break
    }
    if (purges) await purge(deps, roomId, signal)
    await transaction(deps.sql, async (tx) => {
      if (!blocks) await store.deleteBlock(tx, roomId)
      await store.noteProgress(tx, deleteId, 'complete', [])
      const runAt = deps.clock.now() + departuresKeptMs
      if (purges) await enqueue(deps, tx, forgettingRoom, { roomId }, { key: roomId, runAt })
    })
  },
  { leaseMs: 600_000 },
)

/** The last that is known of a deleted room goes: who was in it. */
export const forgettingRoom = jobKind<{ roomId: RoomId }>('admin.forget-room', async (deps, { roomId }, { signal }) => {
  await transaction(deps.sql, (tx) => store.deleteMembers(tx, roomId))
  await purge(deps, roomId, signal)
})

async function purge(deps: Deps, roomId: RoomId, signal: AbortSignal): Promise<void> {
  const inBatches = async (work: (tx: Tx) => Promise<number>) => {
    let count = batch
    while (count >= batch) {
      signal.throwIfAborted()
      count = await transaction(deps.sql, work)
    }
  }
  for (const table of tables) await inBatches((tx) => deleteOfRoom(tx, table, roomId, batch))
  await inBatches((tx) => deleteKeysOfRoom(tx, roomId, batch))
  await inBatches(async (tx) => {
    const ids = await store.deleteEvents(tx, roomId, batch)
    await deleteReferencesOf(tx, ids)
    return ids.length
  })
  await transaction(deps.sql, (tx) => store.deleteStateChanges(tx, roomId))
}

type Shown = z.output<typeof roomDeletion>

const shown = (row: store.DeletionRow): Shown => ({
  delete_id: row.deleteId,
  room_id: row.roomId,
  status: row.status,
  shutdown_room: {
    kicked_users: [...row.kicked],
    failed_to_kick_users: [],
    local_aliases: [...row.aliases],
    new_room_id: null,
  },
})

/** Throws M_NOT_FOUND. */
export async function findDeletion(deps: Deps, deleteId: string): Promise<Shown> {
  const row = await store.readDeletion(deps.sql, deleteId)
  if (row === undefined) throw notFound('There is no such deletion.')
  return shown(row)
}

/** Throws M_NOT_FOUND where there was none. */
export async function listDeletions(deps: Deps, roomId: RoomId): Promise<Shown[]> {
  const rows = await store.readDeletions(deps.sql, roomId)
  if (rows.length === 0) throw notFound('Nobody has asked to delete this room.')
  return rows.map(shown)
}

import { openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction } from 'idb'
import type { EventId, RoomId, UserId } from '#spec/ids.ts'
import {
  isEventRow,
  StoreConflict,
  type AccountDataRow,
  type Changes,
  type DraftRow,
  type MemberRow,
  type OutboxRow,
  type ReceiptRow,
  type RoomRow,
  type SessionRow,
  type StateRow,
  type Store,
  type TimelineRow,
} from './store.ts'

interface Schema extends DBSchema {
  /** `session`, `token` and `version`. */
  account: { key: string; value: SessionRow | string | number }
  rooms: { key: RoomId; value: RoomRow }
  state: { key: [RoomId, string, string]; value: StateRow }
  members: { key: [RoomId, UserId]; value: MemberRow }
  receipts: { key: [RoomId, UserId]; value: ReceiptRow }
  accountData: { key: [RoomId | '', string]; value: AccountDataRow }
  timeline: { key: [RoomId, number]; value: TimelineRow; indexes: { byEventId: [RoomId, EventId] } }
  outbox: { key: string; value: OutboxRow }
  drafts: { key: RoomId; value: DraftRow }
}

type Name = 'account' | 'rooms' | 'state' | 'members' | 'receipts' | 'accountData' | 'timeline' | 'outbox' | 'drafts'
const everything: Name[] = [
  'account',
  'rooms',
  'state',
  'members',
  'receipts',
  'accountData',
  'timeline',
  'outbox',
  'drafts',
]
type Writing = IDBPTransaction<Schema, Name[], 'readwrite'>

/** Steps from each version to the next. Only ever append: the index is the version of the database. */
const migrations: readonly ((db: IDBPDatabase<Schema>) => void)[] = [
  (db) => {
    db.createObjectStore('account')
    db.createObjectStore('rooms', { keyPath: 'roomId' })
    db.createObjectStore('state', { keyPath: ['roomId', 'type', 'stateKey'] })
    db.createObjectStore('members', { keyPath: ['roomId', 'userId'] })
    db.createObjectStore('receipts', { keyPath: ['roomId', 'userId'] })
    db.createObjectStore('accountData', { keyPath: ['roomId', 'type'] })
    const timeline = db.createObjectStore('timeline', { keyPath: ['roomId', 'ordinal'] })
    timeline.createIndex('byEventId', ['roomId', 'eventId'])
    db.createObjectStore('outbox', { keyPath: 'txnId' })
    db.createObjectStore('drafts', { keyPath: 'roomId' })
  },
]

/** A store in the IndexedDB of this browser, under the given name. Opened at its first use. */
export function indexedDbStore(name: string): Store {
  let opened: Promise<IDBPDatabase<Schema>> | undefined
  const database = (): Promise<IDBPDatabase<Schema>> => (opened ??= open(name, () => (opened = undefined)))
  return {
    load: async () => load(await database()),
    write: async (changes, expectedVersion) => write(await database(), changes, expectedVersion),
    timelineBefore: async (roomId, before, count) => timelineBefore(await database(), roomId, before, count),
    timelineAfter: async (roomId, after, count) =>
      (await database()).getAll('timeline', IDBKeyRange.bound([roomId, after], [roomId, []], true), count),
    eventRows: async (roomId, eventIds) => {
      const index = (await database()).transaction('timeline').store.index('byEventId')
      const rows = await Promise.all(eventIds.map((eventId) => index.get([roomId, eventId])))
      return rows.filter((row) => row !== undefined).filter(isEventRow)
    },
    roomDetails: async (roomId) => {
      const tx = (await database()).transaction(['state', 'members', 'receipts'])
      const [state, members, receipts] = await Promise.all([
        tx.objectStore('state').getAll(ofRoom(roomId)),
        tx.objectStore('members').getAll(ofRoom(roomId)),
        tx.objectStore('receipts').getAll(ofRoom(roomId)),
      ])
      return { state, members, receipts }
    },
    members: async (roomId, userIds) => {
      const { store } = (await database()).transaction('members')
      const rows = await Promise.all(userIds.map((userId) => store.get([roomId, userId])))
      return rows.filter((row) => row !== undefined)
    },
    stateRow: async (roomId, type, stateKey) => (await database()).get('state', [roomId, type, stateKey]),
    draft: async (roomId) => (await (await database()).get('drafts', roomId))?.text ?? '',
    clear: async () => {
      const tx = (await database()).transaction(everything, 'readwrite')
      const version = await versionOf(tx)
      await Promise.all(everything.map((store) => tx.objectStore(store).clear()))
      await tx.objectStore('account').put(version + 1, 'version')
      await tx.done
    },
    close: async () => {
      const closing = opened
      opened = undefined
      ;(await closing)?.close()
    },
  }
}

function open(name: string, onLost: () => void): Promise<IDBPDatabase<Schema>> {
  return openDB<Schema>(name, migrations.length, {
    upgrade: (db, from) => migrations.slice(from).forEach((migrate) => migrate(db)),
    // Another tab wants to delete or upgrade the database: let it, and open again at the next use.
    blocking: (_from, _to, event) => {
      ;(event.target as IDBDatabase).close()
      onLost()
    },
    terminated: onLost,
  })
}

async function load(db: IDBPDatabase<Schema>): Promise<Awaited<ReturnType<Store['load']>>> {
  const tx = db.transaction(['account', 'rooms', 'accountData', 'outbox'])
  const [version, session, token, rooms, accountData, outbox] = await Promise.all([
    versionOf(tx),
    tx.objectStore('account').get('session'),
    tx.objectStore('account').get('token'),
    tx.objectStore('rooms').getAll(),
    tx.objectStore('accountData').getAll(),
    tx.objectStore('outbox').getAll(),
  ])
  return {
    version,
    session: typeof session === 'object' ? session : undefined,
    token: typeof token === 'string' ? token : undefined,
    rooms,
    accountData,
    outbox: outbox.sort((a, b) => a.seq - b.seq),
  }
}

/** A cursor would visit one row per turn of the event loop: getAllKeys finds the lowest key, getAll reads the range at once. */
async function timelineBefore(
  db: IDBPDatabase<Schema>,
  roomId: RoomId,
  before: number,
  count: number,
): Promise<readonly TimelineRow[]> {
  const { store } = db.transaction('timeline')
  const below = IDBKeyRange.bound([roomId], [roomId, before], true, true)
  const cursor = await store.openKeyCursor(below, 'prev')
  if (!cursor) return []
  const highest = cursor.primaryKey
  const lowest = count > 1 ? await cursor.advance(count - 1) : cursor
  return store.getAll(lowest ? IDBKeyRange.bound(lowest.primaryKey, highest) : IDBKeyRange.bound([roomId], highest))
}

/** Every key `[roomId, …]`: an array sorts after all strings and numbers. */
const ofRoom = (roomId: RoomId | ''): IDBKeyRange => IDBKeyRange.bound([roomId], [roomId, []])

async function versionOf(tx: {
  objectStore(name: 'account'): { get(key: string): Promise<unknown> }
}): Promise<number> {
  const version = await tx.objectStore('account').get('version')
  return typeof version === 'number' ? version : 0
}

async function write(db: IDBPDatabase<Schema>, changes: Changes, expectedVersion?: number): Promise<void> {
  const tx = db.transaction(everything, 'readwrite')
  const requests: Promise<unknown>[] = [tx.done]
  try {
    const version = await versionOf(tx)
    if (expectedVersion !== undefined && expectedVersion !== version) throw new StoreConflict('Another tab has written')
    requests.push(tx.objectStore('account').put(version + 1, 'version'))
    for (const request of removals(tx, changes)) requests.push(request)
    for (const request of puts(tx, changes)) requests.push(request)
    await Promise.all(requests)
  } catch (error) {
    abort(tx)
    await Promise.allSettled(requests)
    throw error
  }
}

/** Some failures have ended the transaction already. */
function abort(tx: Writing): void {
  try {
    tx.abort()
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'InvalidStateError')) throw error
  }
}

function* removals(tx: Writing, changes: Changes): Iterable<Promise<unknown>> {
  for (const roomId of changes.droppedRooms ?? []) {
    yield tx.objectStore('rooms').delete(roomId)
    yield tx.objectStore('drafts').delete(roomId)
    for (const name of ['state', 'members', 'receipts', 'accountData', 'timeline'] as const)
      yield tx.objectStore(name).delete(ofRoom(roomId))
    yield deleteOutboxOf(tx, roomId)
  }
  for (const roomId of changes.resetRooms ?? [])
    for (const name of ['state', 'members', 'receipts'] as const) yield tx.objectStore(name).delete(ofRoom(roomId))
  for (const { roomId, ordinal } of changes.removedTimeline ?? [])
    yield tx.objectStore('timeline').delete([roomId, ordinal])
  for (const txnId of changes.removedOutbox ?? []) yield tx.objectStore('outbox').delete(txnId)
}

async function deleteOutboxOf(tx: Writing, roomId: RoomId): Promise<void> {
  const store = tx.objectStore('outbox')
  const rows = await store.getAll()
  await Promise.all(rows.filter((row) => row.roomId === roomId).map((row) => store.delete(row.txnId)))
}

function* puts(tx: Writing, changes: Changes): Iterable<Promise<unknown>> {
  const account = tx.objectStore('account')
  if (changes.session !== undefined)
    yield changes.session === null ? account.delete('session') : account.put(changes.session, 'session')
  if (changes.token !== undefined)
    yield changes.token === null ? account.delete('token') : account.put(changes.token, 'token')
  for (const row of changes.rooms ?? []) yield tx.objectStore('rooms').put(row)
  for (const row of changes.state ?? []) yield tx.objectStore('state').put(row)
  for (const row of changes.members ?? []) yield tx.objectStore('members').put(row)
  for (const row of changes.receipts ?? []) yield tx.objectStore('receipts').put(row)
  for (const row of changes.accountData ?? []) yield tx.objectStore('accountData').put(row)
  for (const row of changes.timeline ?? []) yield tx.objectStore('timeline').put(row)
  for (const row of changes.outbox ?? []) yield tx.objectStore('outbox').put(row)
  for (const row of changes.drafts ?? []) yield tx.objectStore('drafts').put(row)
}

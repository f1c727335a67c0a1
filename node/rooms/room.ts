import { forbidden } from '#spec/errors.ts'
import type { EventId, RoomId } from '#spec/ids.ts'
import { stateKeyOf } from '#spec/room/resolve/state-map.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import { requireRoomVersion, type RoomVersion } from '#spec/room/versions.ts'
import { perNode, type Deps } from '#node/deps.ts'
import { hasThreads, type InThread } from './relations/store.ts'
import * as store from './store.ts'
import { noLayers, restoreHead, type LayerHead } from './state-layers.ts'

/**
 * A room in memory: where the next event goes, and what it is judged against. It runs ahead of the database by the events that are being
 * stored; if one of them is not stored after all, the room is `broken`, everything built on it is withdrawn, and the next caller reads
 * the room anew.
 */
export interface Room {
  readonly id: RoomId
  readonly version: RoomVersion
  heads: readonly { readonly event_id: EventId; readonly depth: number }[]
  readonly state: Map<string, EventId>
  readonly layers: LayerHead
  /** State events that were needed lately, for they will be again. */
  readonly known: Map<EventId, RoomEvent>
  /** State events that are not in the database yet. */
  readonly storing: Map<EventId, RoomEvent>
  /** Anybody has ever begun a thread. */
  hasThreads: boolean
  /** Events in threads that are not in the database yet. */
  readonly storingInThreads: Map<EventId, InThread>
  broken: boolean
  /** Work that is queued or being stored: while there is any, the room stays in memory, for the database does not know all of it. */
  work: number
  /** Resolves when the work queued so far is done. */
  queue: Promise<void>
  /** Resolves when what was appended last, and with it all before, is stored (true) or fell (false). */
  stored: Promise<boolean>
}

interface Limits {
  /** Rooms kept in memory; the one used longest ago goes first. */
  readonly rooms: number
  /** Events kept per room beside its state of ids: enough for everybody who talks in a lively room. */
  readonly events: number
}

const limitsOf = perNode(() => ({ limits: { rooms: 2_000, events: 2_000 } as Limits }))

/** For tests, which cannot fill a large memory. No setting leads here. */
export function lowerRoomLimits(deps: Deps, limits: Limits): void {
  limitsOf(deps).limits = limits
}

interface Loaded {
  readonly loading: Promise<Room | undefined>
  room: Room | undefined
}

const roomsOf = perNode(() => new Map<RoomId, Loaded>())

export const newRoom = (id: RoomId, version: RoomVersion): Room => ({
  id,
  version,
  heads: [],
  state: new Map(),
  layers: noLayers(),
  known: new Map(),
  storing: new Map(),
  hasThreads: false,
  storingInThreads: new Map(),
  broken: false,
  work: 0,
  queue: Promise.resolve(),
  stored: Promise.resolve(true),
})

/** What strangers hear, of a room that is closed to them as of one that does not exist: the one must not tell from the other. */
export const outside = () => forbidden('There is no such room, or it is not open to you.')

/** The room, read from the database if it is not in memory. Throws M_FORBIDDEN if there is none. */
export async function roomOf(deps: Deps, id: RoomId): Promise<Room> {
  const rooms = roomsOf(deps)
  const present = rooms.get(id)
  const entry = present !== undefined && !present.room?.broken ? present : enter(deps, id, loadAfter(deps, id, present))
  rooms.delete(id)
  rooms.set(id, entry)
  const room = await entry.loading
  if (room === undefined) throw outside()
  return room
}

/** Whether this is the room that everybody else gets: a room that was let go, or read anew, must not be appended to. */
export const isCurrent = (deps: Deps, room: Room): boolean => !room.broken && roomsOf(deps).get(room.id)?.room === room

/** Puts a room that has just been made into memory. */
export const keepRoom = (deps: Deps, room: Room): void => {
  enter(deps, room.id, Promise.resolve(room)).room = room
}

function enter(deps: Deps, id: RoomId, loading: Promise<Room | undefined>): Loaded {
  const rooms = roomsOf(deps)
  const entry: Loaded = { loading, room: undefined }
  rooms.set(id, entry)
  const forget = () => rooms.get(id) === entry && rooms.delete(id)
  loading.then((room) => (room === undefined ? forget() : settle(deps, entry, room)), forget)
  return entry
}

/** The room is there: if there are too many now, the one used longest ago goes of those with nothing under way. */
function settle(deps: Deps, entry: Loaded, loaded: Room): void {
  entry.room = loaded
  const rooms = roomsOf(deps)
  if (rooms.size <= limitsOf(deps).limits.rooms) return
  for (const [id, { room }] of rooms) if (room?.work === 0 && room !== loaded) return void rooms.delete(id)
}

/** Reads a room anew when what was appended to the broken one has been stored, or has not. */
async function loadAfter(deps: Deps, id: RoomId, broken: Loaded | undefined): Promise<Room | undefined> {
  await broken?.room?.stored
  return load(deps, id)
}

async function load(deps: Deps, id: RoomId): Promise<Room | undefined> {
  // Most of those who name a room that does not exist do it on purpose: they cost one look, and hold nobody up.
  if ((await store.readRoom(deps.sql, id)) === undefined) return undefined
  await store.awaitWriters(deps.sql)
  const row = (await store.readRoom(deps.sql, id))!
  const [state, chain, threads] = await Promise.all([
    store.readCurrentState(deps.sql, id),
    store.readChain(deps.sql, row.stateLayer),
    hasThreads(deps.sql, id),
  ])
  const heads = JSON.parse(row.heads) as [EventId, number][]
  return {
    ...newRoom(id, requireRoomVersion(row.version)),
    heads: heads.map(([event_id, depth]) => ({ event_id, depth })),
    state: new Map(state.map(({ type, key, eventId }) => [stateKeyOf(type, key), eventId])),
    layers: restoreHead(chain),
    hasThreads: threads,
  }
}

/** Runs `task` when all work queued before it for this room is done: events of a room are judged one after the other. */
export async function inOrder<T>(room: Room, task: () => Promise<T> | T): Promise<T> {
  room.work++
  const before = room.queue
  const { promise, resolve } = Promise.withResolvers<void>()
  room.queue = promise
  await before
  try {
    return await task()
  } finally {
    room.work--
    resolve()
  }
}

export function remember(deps: Deps, room: Room, event: RoomEvent): void {
  room.known.delete(event.event_id)
  room.known.set(event.event_id, event)
  if (room.known.size > limitsOf(deps).limits.events) room.known.delete(room.known.keys().next().value!)
}

/** Pieces of a room's current state; those that it does not have are left out. */
export async function readPieces(
  deps: Deps,
  room: Room,
  needs: readonly (readonly [type: string, stateKey: string])[],
): Promise<Map<string, RoomEvent>> {
  const pieces = new Map<string, RoomEvent>()
  const missing = new Map<string, EventId>()
  for (const [type, stateKey] of needs) {
    const key = stateKeyOf(type, stateKey)
    const id = room.state.get(key)
    if (id === undefined) continue
    const event = inMemory(room, id)
    if (event) pieces.set(key, event)
    else missing.set(key, id)
  }
  if (missing.size === 0) return pieces
  const read = await readMissing(deps, room, [...missing.values()])
  for (const [key, id] of missing) pieces.set(key, read.get(id) ?? missingState(id))
  return pieces
}

const inMemory = (room: Room, id: EventId) => room.storing.get(id) ?? room.known.get(id)

async function readMissing(deps: Deps, room: Room, ids: readonly EventId[]): Promise<ReadonlyMap<EventId, RoomEvent>> {
  const read = new Map<EventId, RoomEvent>()
  for (const event of await store.readRoomEvents(deps.sql, ids)) {
    // While this read was under way, a redaction may have left something newer in memory.
    const newest = inMemory(room, event.event_id) ?? event
    remember(deps, room, newest)
    read.set(event.event_id, newest)
  }
  return read
}

/** Judged against a room that lacks a piece, events would be let through that must not be. */
function missingState(id: EventId): never {
  throw new Error(`The database has no event ${id}, which is in the state of a room.`)
}

/** One piece of a room's current state, judged events included. */
export async function readPiece(
  deps: Deps,
  room: Room,
  type: string,
  stateKey: string,
): Promise<RoomEvent | undefined> {
  return (await readPieces(deps, room, [[type, stateKey]])).get(stateKeyOf(type, stateKey))
}

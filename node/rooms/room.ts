import { notFound } from '#spec/errors.ts'
import type { EventId, RoomId } from '#spec/ids.ts'
import { stateKeyOf } from '#spec/room/resolve/state-map.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import { requireRoomVersion, type RoomVersion } from '#spec/room/versions.ts'
import { perNode, type Deps } from '#node/deps.ts'
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
  layers: LayerHead
  attentionCount: number
  /** State events that were needed lately, for they will be again. */
  readonly known: Map<EventId, RoomEvent>
  broken: boolean
  /** Work that is queued or being stored: while there is any, the room stays in memory, for the database does not know all of it. */
  work: number
  /** Resolves when the work queued so far is done. */
  queue: Promise<void>
}

/** Events kept per room beside its state of ids: enough for everybody who talks in a lively room. */
const mostKnown = 2_000
/** Rooms kept in memory; the one used longest ago goes first. */
const mostRooms = 2_000

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
  layers: noLayers,
  attentionCount: 0,
  known: new Map(),
  broken: false,
  work: 0,
  queue: Promise.resolve(),
})

/** The room, read from the database if it is not in memory. Throws M_NOT_FOUND. */
export async function roomOf(deps: Deps, id: RoomId): Promise<Room> {
  const rooms = roomsOf(deps)
  const present = rooms.get(id)
  const usable = present !== undefined && !present.room?.broken
  const entry = usable ? present : enter(rooms, id, load(deps, id))
  rooms.delete(id)
  rooms.set(id, entry)
  const room = await entry.loading
  if (room === undefined) throw notFound('This server does not know that room.')
  return room
}

/** Whether this is the room that everybody else gets: a room that was let go, or read anew, must not be appended to. */
export const isCurrent = (deps: Deps, room: Room): boolean => !room.broken && roomsOf(deps).get(room.id)?.room === room

/** Puts a room that has just been made into memory. */
export const keepRoom = (deps: Deps, room: Room): void => {
  enter(roomsOf(deps), room.id, Promise.resolve(room)).room = room
}

function enter(rooms: Map<RoomId, Loaded>, id: RoomId, loading: Promise<Room | undefined>): Loaded {
  const entry: Loaded = { loading, room: undefined }
  rooms.set(id, entry)
  const forget = () => rooms.get(id) === entry && rooms.delete(id)
  loading.then((room) => (room === undefined ? forget() : (entry.room = room)), forget)
  if (rooms.size > mostRooms) letGo(rooms)
  return entry
}

/** Of the rooms used longest ago, the first with nothing under way. */
function letGo(rooms: Map<RoomId, Loaded>): void {
  for (const [id, { room }] of rooms) if (room?.work === 0) return void rooms.delete(id)
}

async function load(deps: Deps, id: RoomId): Promise<Room | undefined> {
  await store.awaitWriters(deps.sql)
  const row = await store.readRoom(deps.sql, id)
  if (row === undefined) return undefined
  const [state, chain] = await Promise.all([
    store.readCurrentState(deps.sql, id),
    store.readChain(deps.sql, row.stateLayer),
  ])
  const heads = JSON.parse(row.heads) as [EventId, number][]
  return {
    ...newRoom(id, requireRoomVersion(row.version)),
    heads: heads.map(([event_id, depth]) => ({ event_id, depth })),
    state: new Map(state.map(({ type, key, eventId }) => [stateKeyOf(type, key), eventId])),
    layers: restoreHead(chain),
    attentionCount: row.attentionCount,
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

export function remember(room: Room, event: RoomEvent): void {
  room.known.delete(event.event_id)
  room.known.set(event.event_id, event)
  if (room.known.size > mostKnown) room.known.delete(room.known.keys().next().value!)
}

/** Pieces of a room's current state; those that it does not have are left out. */
export async function readPieces(
  deps: Deps,
  room: Room,
  needs: readonly (readonly [type: string, stateKey: string])[],
): Promise<Map<string, RoomEvent>> {
  const wanted = needs.flatMap(([type, key]) => {
    const id = room.state.get(stateKeyOf(type, key))
    return id === undefined ? [] : [[stateKeyOf(type, key), id] as const]
  })
  const missing = wanted.map(([, id]) => id).filter((id) => !room.known.has(id))
  if (missing.length > 0) for (const event of await store.readRoomEvents(deps.sql, missing)) remember(room, event)
  return new Map(wanted.map(([key, id]) => [key, room.known.get(id)!]))
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

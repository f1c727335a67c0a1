import type { EventId, RoomAlias, RoomId, UserId } from '#spec/ids.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import type { Relation } from '#spec/room/relation.ts'
import type { RoomVersion } from '#spec/room/versions.ts'
import type { Fact, FactKind } from '#node/stream/commit.ts'
import { insertRelations, removeRelations, type RelationRow } from './relations/store.ts'
import * as store from './store.ts'
import type { StoredEvent } from './stored-event.ts'

/** An event that goes into the log, with everything that readers of the log need without asking the database. */
export interface EventRow {
  readonly event: RoomEvent
  readonly version: RoomVersion
  readonly content: string
  readonly envelope: string
  readonly stateBefore: number
  /** Who hears of it though not in the room: the target of an invite, a kick or a ban. */
  readonly target: UserId | undefined
  /** For a member event: whether the membership itself changed, not only name or picture. */
  readonly membershipChanged: boolean
  /** The device's own request that made it. */
  readonly transaction: Transaction | undefined
  readonly relation: Relation | undefined
  /** The thread that it belongs to, by its root; nothing for the main timeline. */
  readonly threadRoot: EventId | undefined
}

export interface Transaction {
  readonly userId: UserId
  readonly deviceId: string
  readonly scope: string
  readonly txnId: string
}

export const eventKind: FactKind<EventRow> = {
  name: 'event',
  positioned: true,
  // Current state, its changes, the members and relations are stored with the events that set them: they carry the same position.
  write: (tx, facts) => [
    store.insertEvents(tx, facts),
    ...store.setState(tx, facts),
    ...store.setMembers(tx, facts),
    ...insertRelations(tx, facts.flatMap(relationRow)),
  ],
  concerns: ({ event, target }) => ({ rooms: [event.room_id], users: target ? [target] : [] }),
}

function relationRow({ row: { event, relation }, position }: Fact<EventRow>): RelationRow[] {
  if (relation === undefined) return []
  const { event_id: childId, room_id: roomId, type, sender, origin_server_ts: originServerTs } = event
  const { parent: parentId, type: relType, key = null } = relation
  return [{ childId, roomId, parentId, relType, key, type, sender, originServerTs, position }]
}

/** The form in which readers of the log get an event: the same that the database would give. */
export function storedEventOf({ row, position }: Fact<EventRow>): StoredEvent {
  const { event, content, stateBefore } = row
  return {
    eventId: event.event_id,
    roomId: event.room_id,
    position,
    type: event.type,
    stateKey: event.state_key ?? null,
    sender: event.sender,
    originServerTs: event.origin_server_ts,
    depth: event.depth,
    stateBefore,
    content,
    redactedBy: null,
  }
}

const lastPerRoom = <Row extends { readonly roomId: RoomId }>(facts: readonly Fact<Row>[]): Row[] => [
  ...new Map(facts.map(({ row }) => [row.roomId, row])).values(),
]

const rowsOf = <Row>(facts: readonly Fact<Row>[]): Row[] => facts.map((fact) => fact.row)

export interface LayerRow {
  readonly layer: number
  readonly roomId: RoomId
  readonly ordinal: number
  readonly chain: readonly number[]
  readonly delta: string
}

export const layerKind: FactKind<LayerRow> = {
  name: 'state layer',
  positioned: false,
  write: (tx, facts) => [store.insertLayers(tx, rowsOf(facts))],
}

export interface RoomRow {
  readonly roomId: RoomId
  readonly version: string
  readonly heads: string
  readonly stateLayer: number
}

export const roomKind: FactKind<RoomRow> = {
  name: 'room',
  positioned: false,
  // Of many events to one room in a batch only the last says where the room stands.
  write: (tx, facts) => [store.upsertRooms(tx, lastPerRoom(facts))],
}

export interface TransactionRow extends Transaction {
  readonly eventId: EventId
  readonly createdAt: number
}

export const transactionKind: FactKind<TransactionRow> = {
  name: 'event transaction',
  positioned: false,
  write: (tx, facts) => [store.insertTransactions(tx, rowsOf(facts))],
}

export interface RedactionRow {
  readonly target: EventId
  readonly redactedBy: EventId
  readonly content: string
  readonly envelope: string
}

export const redactionKind: FactKind<RedactionRow> = {
  name: 'applied redaction',
  positioned: false,
  write: (tx, facts) => [
    store.applyRedactions(tx, rowsOf(facts)),
    ...removeRelations(
      tx,
      facts.map(({ row }) => row.target),
    ),
  ],
}

export interface AliasRow {
  readonly alias: RoomAlias
  readonly roomId: RoomId
  readonly createdBy: UserId
}

export const aliasKind: FactKind<AliasRow> = {
  name: 'room alias',
  positioned: false,
  write: (tx, facts) => [store.insertAliases(tx, rowsOf(facts))],
}

export const aliasRemovalKind: FactKind<RoomAlias> = {
  name: 'removed room alias',
  positioned: false,
  write: (tx, facts) => [store.deleteAliases(tx, rowsOf(facts))],
}

/** What leads to one room, and whether the directory lists it, goes to the room that stands in for it. */
export interface ReplacedRow {
  readonly from: RoomId
  readonly to: RoomId
}

export const replacedKind: FactKind<ReplacedRow> = {
  name: 'replaced room',
  positioned: false,
  write: (tx, facts) => rowsOf(facts).flatMap((row) => [store.moveAliases(tx, row), ...store.movePublished(tx, row)]),
}

/** Whether the public directory lists a room. */
export interface PublishedRow {
  readonly roomId: RoomId
  readonly published: boolean
}

export const publishedKind: FactKind<PublishedRow> = {
  name: 'published room',
  positioned: false,
  write: (tx, facts) => [store.setPublished(tx, lastPerRoom(facts))],
}

/** What a room tells about itself to those who look at it from outside, but for how many are in it. */
export interface SummaryRow {
  readonly roomId: RoomId
  readonly name: string | null
  readonly topic: string | null
  readonly canonicalAlias: string | null
  readonly avatarUrl: string | null
  readonly joinRule: string | null
  readonly allowedRooms: readonly RoomId[]
  readonly worldReadable: boolean
  readonly guestCanJoin: boolean
  readonly roomType: string | null
  readonly encryption: string | null
  readonly searchText: string
}

export const summaryKind: FactKind<SummaryRow> = {
  name: 'room summary',
  positioned: false,
  write: (tx, facts) => [store.upsertSummaries(tx, lastPerRoom(facts))],
}

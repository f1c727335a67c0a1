import { isRoomId, type RoomId, type UserId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import { member } from '#spec/room/content.ts'
import type { Deps } from '#node/deps.ts'
import * as store from './store.ts'

/** A room that a space says it has. */
export interface Child {
  readonly roomId: RoomId
  readonly sender: UserId
  readonly originServerTs: number
  readonly content: JsonObject
}

/** More children of one space than this are not looked at. */
const mostChildren = 20_000

/** The children of a space in their order. Client-Server API, "Ordering of children within a space". */
export async function readChildren(deps: Deps, space: RoomId, suggestedOnly: boolean): Promise<readonly Child[]> {
  const rows = await store.readChildEvents(deps.sql, space, mostChildren)
  return rows
    .filter((row) => isRoomId(row.stateKey))
    .map(({ stateKey, content, ...row }) => ({
      ...row,
      roomId: stateKey as RoomId,
      content: JSON.parse(content) as JsonObject,
    }))
    .filter(({ content }) => isChild(content) && (!suggestedOnly || member(content, 'suggested') === true))
    .toSorted(inSpaceOrder)
}

/** Without servers to join through, a room is no child any more. */
function isChild(content: JsonObject): boolean {
  const via = member(content, 'via')
  return Array.isArray(via) && via.some((server) => typeof server === 'string')
}

function orderOf({ content }: Child): string | undefined {
  const order = member(content, 'order')
  return typeof order === 'string' && /^[\x20-\x7e]{1,50}$/.test(order) ? order : undefined
}

/** Those with an order come first; what it leaves open is decided by age, then by id. */
function inSpaceOrder(one: Child, other: Child): number {
  const [a, b] = [orderOf(one), orderOf(other)]
  if (a !== b && a !== undefined && b !== undefined) return a < b ? -1 : 1
  if (a !== b) return a === undefined ? 1 : -1
  if (one.originServerTs !== other.originServerTs) return one.originServerTs - other.originServerTs
  return one.roomId < other.roomId ? -1 : 1
}

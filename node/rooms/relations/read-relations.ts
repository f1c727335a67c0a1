import type { EventId, RoomId } from '#spec/ids.ts'
import { readIgnoredUsers } from '#node/accounts/ignored-users.ts'
import type { Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'
import { collectPage, largestPage } from '../collect-page.ts'
import { presentEvents } from '../present-events.ts'
import { readVisibleEvent } from '../read-messages.ts'
import { parseToken, tokenOf } from '../room-view.ts'
import * as store from './store.ts'

interface RelationsRequest {
  readonly roomId: RoomId
  readonly eventId: EventId
  readonly relType?: string | undefined
  readonly eventType?: string | undefined
  readonly dir?: 'b' | 'f' | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly limit?: number | undefined
  readonly recurse?: boolean | undefined
}

const usualPage = 20

/** One page of the events that relate to an event, as JSON text. Throws M_NOT_FOUND if the reader sees no such event. */
export async function readRelations(deps: Deps, reader: Identity, request: RelationsRequest): Promise<string> {
  const { roomId, eventId, dir = 'b', recurse } = request
  const from = request.from === undefined ? undefined : parseToken(request.from)
  const to = request.to === undefined ? undefined : parseToken(request.to)
  await readVisibleEvent(deps, reader.userId, roomId, eventId)
  const { head } = deps.stream
  const range = dir === 'b' ? { after: to ?? 0, upTo: from ?? head } : { after: from ?? 0, upTo: to ?? head }
  const limit = Math.min(request.limit ?? usualPage, largestPage)
  const ignored = new Set<string>(await readIgnoredUsers(deps.sql, reader.userId))
  const depth = recurse ? store.mostSteps : 1
  const page = await collectPage(
    deps,
    reader.userId,
    roomId,
    { ...range, direction: dir, limit },
    {
      read: (part) => store.readChildren(deps.sql, { ...request, ...part, depth }),
      isWanted: (event) => event.stateKey !== null || !ignored.has(event.sender),
    },
  )
  const { events, membershipAt, next } = page
  const chunk = await presentEvents(deps, reader, events, { withRoomId: true, membershipAt })
  return (
    `{"chunk":[${chunk.join(',')}]` +
    (next === undefined ? '' : `,"next_batch":"${tokenOf(next)}"`) +
    (from === undefined ? '' : `,"prev_batch":"${tokenOf(from)}"`) +
    (recurse === undefined ? '' : `,"recursion_depth":${depth}`) +
    '}'
  )
}

import { invalidParam } from '#spec/errors.ts'
import type { Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'
import { presentEvents } from '#node/rooms/present-events.ts'
import { parseToken, tokenOf } from '#node/rooms/room-view.ts'
import { readNotified } from './notified.ts'

const usualLimit = 20
const largestLimit = 100

/** One page of what a user has been notified of, as JSON text. */
export async function listNotifications(
  deps: Deps,
  reader: Identity,
  {
    from,
    limit = usualLimit,
    only,
  }: { from?: string | undefined; limit?: number | undefined; only?: string | undefined },
): Promise<string> {
  if (only !== undefined && only !== 'highlight') throw invalidParam('Only `highlight` can be asked for.')
  const before = from === undefined ? Number.MAX_SAFE_INTEGER : parseToken(from)
  const most = Math.min(limit, largestLimit)
  const range = { after: 0, before, limit: most, newestFirst: true, onlyHighlights: only === 'highlight' }
  const { found, rows } = await readNotified(deps, reader.userId, range)
  const texts = await presentEvents(
    deps,
    reader,
    found.map(({ event }) => event),
    { withRoomId: false },
  )
  const notifications = found.map(
    ({ actions, isRead, event: { roomId, originServerTs } }, index) =>
      `{"actions":${JSON.stringify(actions)},"event":${texts[index]!},"read":${isRead},"room_id":${JSON.stringify(roomId)},"ts":${originServerTs}}`,
  )
  const next = rows.length < most ? '' : `"next_token":"${tokenOf(rows.at(-1)!.position)}",`
  return `{${next}"notifications":[${notifications.join(',')}]}`
}

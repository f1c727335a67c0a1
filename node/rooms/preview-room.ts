import type { RoomId } from '#spec/ids.ts'
import { readAccountDataOfRoom } from '#node/accounts/store.ts'
import type { Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'
import { presentEvents } from './present-events.ts'
import { readRange } from './read-messages.ts'
import { readStateInView, tokenOf, viewOf } from './room-view.ts'
import * as store from './store.ts'

const newest = 20

/** State and newest messages of a room, as JSON text: for those who look into it before they join. Client-Server API, "Room Previews". */
export async function previewRoom(deps: Deps, reader: Identity, roomId: RoomId): Promise<string> {
  const view = await viewOf(deps, reader.userId, roomId)
  const range = { after: 0, upTo: view.upTo, direction: 'b', limit: newest } as const
  const [own, state, { texts, next = 0 }, isPublished, data] = await Promise.all([
    store.readMember(deps.sql, roomId, reader.userId),
    readStateInView(deps, roomId, view),
    readRange(deps, reader, roomId, range),
    store.readPublished(deps.sql, roomId),
    readAccountDataOfRoom(deps.sql, reader.userId, roomId),
  ])
  const stateTexts = await presentEvents(deps, reader, state, { withRoomId: true, asState: true })
  const dataTexts = data.map(({ type, content }) => `{"type":${JSON.stringify(type)},"content":${content}}`)
  return (
    `{"room_id":${JSON.stringify(roomId)},"visibility":"${isPublished ? 'public' : 'private'}",` +
    (own === undefined || own.forgotten ? '' : `"membership":"${own.membership}",`) +
    `"messages":{"start":"${tokenOf(next)}","end":"${tokenOf(view.upTo)}","chunk":[${texts.toReversed().join(',')}]},` +
    `"state":[${stateTexts.join(',')}],"account_data":[${dataTexts.join(',')}]}`
  )
}

import type { getDelayedEvents } from '#spec/api/client/delayed-events.ts'
import type { QueryOf } from '#spec/endpoint.ts'
import { invalidParam, notFound } from '#spec/errors.ts'
import type { UserId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import * as store from './store.ts'

const pageSize = 50
const mostIds = 100

/** A page of a user's delayed events, as JSON text. */
export async function listDelayed(
  deps: Deps,
  userId: UserId,
  query: QueryOf<typeof getDelayedEvents>,
): Promise<string> {
  const { delay_id: delayIds, room_id: roomId, dir = 'f', from, ...chosen } = query
  if (delayIds && delayIds.length > mostIds) throw invalidParam(`At most ${mostIds} delayed events can be named.`)
  const after = from === undefined ? undefined : parseToken(from)
  const found = await store.listDelayed(deps.sql, userId, {
    ...chosen,
    delayIds,
    roomId,
    dir,
    after,
    limit: pageSize + 1,
  })
  const page = found.slice(0, pageSize)
  const last = page.at(-1)
  const next = found.length > pageSize && last ? `,"next_batch":${JSON.stringify(tokenOf(last))}` : ''
  const scheduled = page.filter((event) => event.finalisedAt === null)
  const finalised = page.filter((event) => event.finalisedAt !== null)
  return (
    `{"delayed_events":[${page.map((event) => delayedText(event)).join(',')}],` +
    `"finalised":[${finalised.map(finalisedText).join(',')}],"scheduled":[${scheduled.map((event) => delayedText(event)).join(',')}]${next}}`
  )
}

/** One delayed event of the user's, as JSON text. Throws M_NOT_FOUND. */
export async function readOne(deps: Deps, userId: UserId, delayId: string): Promise<string> {
  const event = await store.readDelayed(deps.sql, delayId)
  if (event?.userId !== userId) throw notFound('You have no such delayed event.')
  return delayedText(event)
}

const tokenOf = ({ sendAt, delayId }: store.DelayedEvent) => `${sendAt}_${delayId}`

function parseToken(token: string): { sendAt: number; delayId: string } {
  const [, sendAt, delayId] = /^(\d{1,16})_([\w-]{1,64})$/.exec(token) ?? []
  if (delayId === undefined) throw invalidParam('This is not a token that this server gave.')
  return { sendAt: Number(sendAt), delayId }
}

function delayedText(event: store.DelayedEvent): string {
  const { delayId, roomId, type, stateKey, delayMs, runningSince, content } = event
  return (
    `{"content":${content},"delay":${delayMs},"delay_id":${JSON.stringify(delayId)},"room_id":${JSON.stringify(roomId)},` +
    `"running_since":${runningSince},"type":${JSON.stringify(type)}` +
    (stateKey === null ? '' : `,"state_key":${JSON.stringify(stateKey)}`) +
    `${endText(event)}}`
  )
}

function endText({ error, eventId, finalisedAt }: store.DelayedEvent): string {
  return (
    (error === null ? '' : `,"error":${error}`) +
    (eventId === null ? '' : `,"event_id":${JSON.stringify(eventId)}`) +
    (finalisedAt === null ? '' : `,"origin_server_ts":${finalisedAt}`)
  )
}

/** COMPAT(matrix-js-sdk, an earlier revision of MSC4140, remove when it reads `delayed_events`) */
const finalisedText = (event: store.DelayedEvent): string =>
  `{"delayed_event":${delayedText(event)},"outcome":"${event.outcome}","reason":"${event.reason}"${endText(event)}}`

import type { UserId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import { notificationOf } from '#spec/push/actions.ts'
import { evaluate } from '#spec/push/evaluate.ts'
import { prepareEvent } from '#spec/push/prepare-event.ts'
import type { PushAction } from '#spec/push/push-rule.ts'
import type { Deps } from '#node/deps.ts'
import { readEvents } from '#node/rooms/store.ts'
import type { StoredEvent } from '#node/rooms/stored-event.ts'
import { visibleEvents } from '#node/rooms/visible-events.ts'
import { rulesOf, settingsOf, type Settings } from './settings.ts'
import * as store from './store.ts'

/** Something that a person has been notified of. */
export interface Notified extends Pick<store.NotifiedRow, 'position' | 'isRead' | 'highlights'> {
  readonly event: StoredEvent
  readonly room: store.RoomOfOne
  /** What their rules say now of how to tell them. */
  readonly actions: readonly PushAction[]
}

/** What a person has been notified of and may still see, and the positions that were looked at for it. */
export async function readNotified(
  deps: Deps,
  userId: UserId,
  range: store.NotifiedRange,
): Promise<{ found: Notified[]; rows: readonly store.NotifiedRow[] }> {
  const rows = await store.readNotified(deps.sql, userId, range)
  if (rows.length === 0) return { found: [], rows }
  const events = await readEvents(
    deps.sql,
    rows.map((row) => row.eventId),
  )
  const visible = new Map<string, StoredEvent>()
  for (const [roomId, of] of Map.groupBy(events, (event) => event.roomId))
    for (const event of await visibleEvents(deps, userId, roomId, of)) visible.set(event.eventId, event)
  // Whoever is invited sees the invitation, and often nothing else of the room.
  for (const event of events)
    if (event.type === 'm.room.member' && event.stateKey === userId) visible.set(event.eventId, event)
  const settings = (await settingsOf(deps, [userId])).get(userId)!
  const found: Notified[] = []
  for (const row of rows) {
    const event = visible.get(row.eventId)
    const room = event && (await store.readRoomOfOne(deps.sql, row.roomId, userId, event.sender))
    if (event && room) found.push({ ...row, event, room, actions: actionsFor(settings, row, event, room) })
  }
  return { found, rows }
}

/** Whether the sender could mention the whole room was decided when they did: what stood out then does so now. */
function actionsFor(
  settings: Settings,
  { highlights }: store.NotifiedRow,
  { eventId, roomId, type, stateKey, sender, originServerTs, content }: StoredEvent,
  { memberCount, ownName }: store.RoomOfOne,
): readonly PushAction[] {
  const event = {
    event_id: eventId,
    room_id: roomId,
    type,
    sender,
    ...(stateKey !== null && { state_key: stateKey }),
    origin_server_ts: originServerTs,
    content: JSON.parse(content) as JsonObject,
  }
  const senderLevel = highlights ? Infinity : -Infinity
  const prepared = prepareEvent(event, { memberCount, senderLevel, notificationLevel: () => 50 })
  const verdict = evaluate(rulesOf(settings), prepared, ownName ?? undefined)
  if (verdict?.notify && verdict.highlight === highlights) return verdict.actions
  return highlights ? ['notify', { set_tweak: 'highlight' }] : ['notify']
}

export const tweaksOf = (actions: readonly PushAction[]): JsonObject => notificationOf(actions).tweaks

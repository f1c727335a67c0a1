import type { EventId } from '#spec/ids.ts'
import { citedPowerLevels } from './power-order.ts'
import { mustGet, type EventSource } from './state-map.ts'

/**
 * The mainline ordering: events whose power levels go back furthest in the mainline of the given power levels come first, then the older,
 * then the smaller event id. Room version 12, "Definitions".
 */
export function orderByMainline(
  ids: readonly EventId[],
  powerLevels: EventId | undefined,
  events: EventSource,
): EventId[] {
  const mainline = mainlineOf(powerLevels, events)
  const places = new Map<EventId, number>()
  const keyed = ids.map((id) => ({
    id,
    position: positionOf(id, mainline, places, events),
    timestamp: mustGet(events, id).origin_server_ts,
  }))
  return keyed
    .sort((a, b) => compareDown(a.position, b.position) || a.timestamp - b.timestamp || (a.id < b.id ? -1 : 1))
    .map(({ id }) => id)
}

/** Greater first; equal infinities are equal, which a difference would not say. */
const compareDown = (a: number, b: number): number => (a === b ? 0 : a > b ? -1 : 1)

/** Power levels, the ones they cite, the ones those cite, and so on, each with its index. */
function mainlineOf(powerLevels: EventId | undefined, events: EventSource): Map<EventId, number> {
  const mainline = new Map<EventId, number>()
  for (let id = powerLevels; id !== undefined && !mainline.has(id); id = citedPowerLevels(id, events)?.event_id) {
    mainline.set(id, mainline.size)
  }
  return mainline
}

/**
 * The index in the mainline of the first of an event's own line of power levels that is in it; infinite if none is.
 * `places` remembers it for power levels met on the way: many events cite the same ones.
 */
function positionOf(
  id: EventId,
  mainline: ReadonlyMap<EventId, number>,
  places: Map<EventId, number>,
  events: EventSource,
): number {
  const met = new Set<EventId>()
  let position = Infinity
  for (let at = citedPowerLevels(id, events)?.event_id; at !== undefined; at = citedPowerLevels(at, events)?.event_id) {
    const known = mainline.get(at) ?? places.get(at)
    if (known !== undefined) position = known
    if (known !== undefined || met.has(at)) break
    met.add(at)
  }
  for (const powerLevels of met) places.set(powerLevels, position)
  return position
}

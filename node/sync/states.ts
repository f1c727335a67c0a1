import type { RoomId, UserId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import { passes } from '#node/rooms/event-filter.ts'
import type { StoredEvent } from '#node/rooms/stored-event.ts'
import { dropsFromTimelines, loadsLazily, wantsStateAfter, type Reader } from './reader.ts'
import * as store from './store.ts'
import type { Timeline } from './timelines.ts'

/**
 * The state that goes with each timeline.
 *
 * `state_after`: what changed up to the end of the timeline. `state`: what changed up to its start, and whatever changed since then without
 * being in it, because the filter took it out. Members are left out where they are loaded lazily, but for changes that the reader would
 * miss otherwise; those whom the timeline needs are added by `readNeededMembers`.
 */
export async function readStates(
  deps: Deps,
  reader: Reader,
  timelines: readonly Timeline[],
): Promise<Map<RoomId, StoredEvent[]>> {
  const atEnd = wantsStateAfter(reader)
  const withHoles = dropsFromTimelines(reader)
  const upToOf = ({ plan, startsAfter }: Timeline) => (atEnd ? plan.upTo : startsAfter)
  const range = (timeline: Timeline, after = timeline.plan.after) => ({
    roomId: timeline.plan.roomId,
    after,
    upTo: upToOf(timeline),
  })
  // Of a room that the reader has members of, lazily loaded, changes of these are told even where the rest is told whole.
  const hasMembers = ({ plan }: Timeline) => !plan.isWhole || (loadsLazily(reader) && plan.after > 0)
  const isGap = (t: Timeline) =>
    hasMembers(t) && t.plan.after < t.plan.upTo && (t.isLimited || withHoles || t.plan.isWhole)
  const whole = timelines.filter((t) => t.plan.isWhole).map((t) => range(t))
  const gaps = timelines.filter(isGap).map((t) => range(t))
  const holes = withHoles && !atEnd ? timelines.map((t) => ({ ...range(t, t.startsAfter), upTo: t.plan.upTo })) : []
  const [wholeStates, gapChanges, holeChanges] = await Promise.all([
    whole.length === 0 ? [] : store.readWholeStates(deps.sql, whole, !loadsLazily(reader)),
    gaps.length === 0 ? [] : store.readStateChanges(deps.sql, gaps),
    holes.length === 0 ? [] : store.readStateChanges(deps.sql, holes),
  ])
  const isWhole = new Set(whole.map(({ roomId }) => roomId))
  const changes = gapChanges.filter((event) => isMember(event) || !isWhole.has(event.roomId))
  const read = Map.groupBy([...wholeStates, ...changes, ...holeChanges], (event) => event.roomId)
  return new Map(
    timelines.map((timeline) => {
      const found = read.get(timeline.plan.roomId) ?? []
      const isComplete = !timeline.plan.isWhole && !isGap(timeline)
      if (atEnd)
        return [timeline.plan.roomId, isComplete ? latestState(timeline.events) : withMembersOf(timeline, found)]
      const shown = new Set(timeline.events.map((event) => event.eventId))
      return [timeline.plan.roomId, found.filter((event) => !shown.has(event.eventId))]
    }),
  )
}

/** State at the end of a timeline holds the members of the timeline, though no others where these are loaded lazily. */
function withMembersOf({ events }: Timeline, state: readonly StoredEvent[]): StoredEvent[] {
  const told = new Set(state.filter(isMember).map((event) => event.stateKey))
  return [...state, ...latestState(events).filter((event) => isMember(event) && !told.has(event.stateKey))]
}

/** Of each piece of state among some events, the last. */
export function latestState(events: readonly StoredEvent[]): StoredEvent[] {
  const latest = new Map<string, StoredEvent>()
  for (const event of events)
    if (event.stateKey !== null) latest.set(JSON.stringify([event.type, event.stateKey]), event)
  return [...latest.values()]
}

/**
 * With lazily loaded members: the member events that the device needs to show these timelines and does not have. Adds them to `states`,
 * and to what the device knows.
 */
export async function addNeededMembers(
  deps: Deps,
  reader: Reader,
  timelines: readonly Timeline[],
  states: Map<RoomId, StoredEvent[]>,
  heroes: ReadonlyMap<RoomId, readonly UserId[]>,
): Promise<void> {
  const isRedundant = (roomId: RoomId, userId: UserId) =>
    !reader.filter.room?.state?.include_redundant_members && reader.known.has(roomId, userId)
  const asked = timelines.flatMap((timeline) => {
    const { roomId, isWhole, upTo } = timeline.plan
    const told = new Set(
      states
        .get(roomId)!
        .filter(isMember)
        .map((event) => event.stateKey),
    )
    const needed = new Set(timeline.events.map((event) => event.sender))
    if (isWhole) needed.add(reader.userId)
    for (const hero of heroes.get(roomId) ?? []) needed.add(hero)
    const at = wantsStateAfter(reader) ? upTo : timeline.startsAfter
    return [...needed]
      .filter((userId) => !told.has(userId) && !(isRedundant(roomId, userId) && !(isWhole && userId === reader.userId)))
      .map((userId) => ({ roomId, userId, upTo: at }))
  })
  const members = asked.length === 0 ? [] : await store.readMembersAt(deps.sql, asked)
  const shown = new Set(timelines.flatMap((timeline) => timeline.events.map((event) => event.eventId)))
  for (const event of members)
    if (wantsStateAfter(reader) || !shown.has(event.eventId)) states.get(event.roomId)!.push(event)
  for (const { plan, events } of timelines)
    for (const event of [...states.get(plan.roomId)!, ...events])
      if (isMember(event)) reader.known.add(plan.roomId, event.stateKey as UserId)
}

const isMember = (event: StoredEvent): boolean => event.type === 'm.room.member' && event.stateKey !== null

/** What the filter lets through of some state. */
export const wantedState = (reader: Reader, state: readonly StoredEvent[]): StoredEvent[] =>
  state.filter((event) => passes(reader.filter.room?.state ?? {}, event))

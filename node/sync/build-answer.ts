import type { RoomId, UserId } from '#spec/ids.ts'
import { strippedStateNeeds } from '#spec/room/stripped-state.ts'
import { accountDataSince } from '#node/accounts/account-data.ts'
import type { AccountData } from '#node/accounts/store.ts'
import { blocksInvites } from '#node/accounts/invite-permission.ts'
import type { Deps } from '#node/deps.ts'
import { strippedForm, type StoredEvent } from '#node/rooms/stored-event.ts'
import { tokenOf } from '#node/rooms/room-view.ts'
import { settingsOf } from '#node/push/settings.ts'
import { unreadAt, unreadFields, type Unread } from '#node/push/unread.ts'
import { changedSince, type Changes } from './changed-rooms.ts'
import { readDeviceParts } from './device-parts.ts'
import { passesType, readEphemeral } from './ephemeral-parts.ts'
import { readEventTexts, type EventTexts } from './event-texts.ts'
import { planRooms, type Calling, type Plan, type RoomPlan } from './plan-rooms.ts'
import { readPresence } from './presence-part.ts'
import { includesRoomPart, letsNewsThrough, loadsLazily, tellsThreads, type Reader } from './reader.ts'
import { readOwnRooms } from './own-rooms.ts'
import { addNeededMembers, readStates, wantedState } from './states.ts'
import * as store from './store.ts'
import { readSummaries, summaryText, type Summary } from './summaries.ts'
import { inTurn } from './turns.ts'
import { readTimelines, type Timeline } from './timelines.ts'

/** The body of an answer of /sync. */
export interface Answer {
  readonly text: string
  readonly isEmpty: boolean
  /** The position that the answer brings the reader to. */
  readonly head: number
  readonly joined: readonly RoomId[]
  /** The reader has people whose messages they do not want. */
  readonly ignoresSomebody: boolean
  /** More was sent to the device than fits into one answer. */
  readonly hasMore: boolean
}

export interface AnswerOptions {
  readonly fullState?: boolean
  /** The token up to which the device has stored what was sent to it; that goes. `since`, unless told. */
  readonly acknowledged?: number
}

const strippedTypes = strippedStateNeeds().map(([type]) => type)

/**
 * Everything (`since` absent) or everything new since a position, for one reader.
 *
 * 1. One statement says how far the log is, and where the reader stands in every room at that very position; or memory does (`own-rooms.ts`).
 * 2. Whatever is read after that is bounded by the position: facts that are stored meanwhile are left to the next answer.
 * 3. The number of queries does not depend on the number of rooms.
 */
export const buildAnswer = (
  deps: Deps,
  reader: Reader,
  since: number | undefined,
  options: AnswerOptions = {},
): Promise<Answer> => inTurn(deps, () => build(deps, reader, since, options))

async function build(deps: Deps, reader: Reader, since: number | undefined, options: AnswerOptions): Promise<Answer> {
  const ownRooms = await readOwnRooms(deps, reader, since)
  const { head } = ownRooms
  const changes = await changedSince(deps, since ?? 0, head)
  const [ignored, accountData] = await Promise.all([
    readIgnored(deps, reader.userId),
    since === undefined || since === 0 || changes.hasAccountData(reader.userId)
      ? accountDataSince(deps, reader.userId, since ?? 0, head)
      : [],
  ])
  const touched = new Set<string>(accountData.map((row) => row.roomId))
  const mayHaveNews = (roomId: RoomId) => changes.hasChanged(roomId) || touched.has(roomId)
  const plan = await planRooms(deps, reader, ownRooms, { since, fullState: options.fullState ?? false, mayHaveNews })
  const [rooms, outside, presence, device] = await Promise.all([
    joinedAndLeft(deps, reader, plan, { ignored, accountData, changes }),
    invitedAndKnocked(deps, reader, plan, ignored),
    readPresence(deps, reader, plan, { ignored, hasNewMembers: changes.hasNewMembers }),
    readDeviceParts(deps, reader, plan, options.acknowledged ?? since ?? -1),
  ])
  // The log has moved on so that this answer can have a token of its own.
  if (device === undefined) return build(deps, reader, since, options)
  const own = accountData.filter((row) => row.roomId === '' && passesType(reader.filter.account_data, row.type))
  const roomsText = joinSections({ ...rooms, ...outside })
  // Each part that is news, as it stands in the answer.
  const news = [
    ...(own.length === 0 ? [] : [`"account_data":${eventList(own.map(plainText))}`]),
    ...(presence.length === 0 ? [] : [`"presence":${eventList(presence)}`]),
    ...(roomsText === '' ? [] : [`"rooms":{${roomsText}}`]),
    ...device.news,
  ]
  return {
    text: `{${[`"next_batch":"s${plan.head}"`, ...news, ...device.supply].join(',')}}`,
    isEmpty: news.length === 0,
    head: plan.head,
    joined: plan.joined,
    ignoresSomebody: ignored.length > 0,
    hasMore: device.hasMore,
  }
}

async function readIgnored(deps: Deps, userId: UserId): Promise<readonly string[]> {
  const settings = await settingsOf(deps, [userId])
  return [...settings.get(userId)!.ignored]
}

const plainText = ({ type, content }: { type: string; content: string }): string =>
  `{"content":${content},"type":${JSON.stringify(type)}}`
const eventList = (texts: readonly string[]): string => `{"events":[${texts.join(',')}]}`

type Section = ReadonlyMap<RoomId, string>

const joinSections = (sections: Record<string, Section>): string =>
  Object.entries(sections)
    .filter(([, rooms]) => rooms.size > 0)
    .map(([name, rooms]) => `"${name}":{${[...rooms].map(([id, text]) => `${JSON.stringify(id)}:${text}`).join(',')}}`)
    .join(',')

/** Everything that goes into the part of a room. */
interface Parts {
  readonly timeline: Timeline
  readonly state: readonly StoredEvent[]
  readonly summary: Summary | undefined
  readonly ephemeral: readonly string[]
  readonly accountData: readonly string[]
  readonly unread: Unread | undefined
}

async function joinedAndLeft(
  deps: Deps,
  reader: Reader,
  plan: Plan,
  {
    ignored,
    accountData: changed,
    changes,
  }: { ignored: readonly string[]; accountData: readonly AccountData[]; changes: Changes },
): Promise<{ join: Section; leave: Section }> {
  const timelines = await readTimelines(deps, reader, plan.rooms, ignored)
  const states = await readStates(deps, reader, timelines)
  const summaries = await readSummaries(deps, reader, timelines, states)
  if (loadsLazily(reader)) {
    const heroes = new Map([...summaries].map(([roomId, { heroes }]) => [roomId, heroes ?? []] as const))
    await addNeededMembers(deps, reader, timelines, states, heroes)
  }
  for (const [roomId, state] of states) states.set(roomId, wantedState(reader, state))
  const accountData = await roomsAccountData(deps, reader, plan, changed)
  // Counts come with what they count, and with receipts: a filter that takes these out must not keep the counts back, nor must it be kept back
  // that somebody who is ignored has redacted what was counted.
  const mayLackCounts = !letsNewsThrough(reader.filter) || ignored.length > 0
  const isMentioned = (t: Timeline) =>
    hasNews(t, states.get(t.plan.roomId)!, accountData.get(t.plan.roomId) ?? []) ||
    (mayLackCounts && t.plan.section === 'join' && changes.hasNewCounts(reader.userId, t.plan.roomId))
  const ephemeral = await readEphemeral(deps, reader, plan, timelines, isMentioned)
  const told = timelines.filter((t) => isMentioned(t) || ephemeral.has(t.plan.roomId))
  const joined = told.filter((t) => t.plan.section === 'join').map((t) => t.plan.roomId)
  const [texts, unread] = await Promise.all([
    readEventTexts(deps, reader, told, states),
    unreadAt(
      deps.sql,
      joined.map((roomId) => ({ userId: reader.userId, roomId })),
      plan.head,
    ),
  ])
  const unreadOf = new Map(joined.map((roomId, index) => [roomId, unread[index]!]))
  const textOf = (timeline: Timeline) => {
    const { roomId } = timeline.plan
    return roomText(reader, texts, {
      timeline,
      state: states.get(roomId)!,
      summary: summaries.get(roomId),
      ephemeral: ephemeral.get(roomId) ?? [],
      accountData: accountData.get(roomId) ?? [],
      unread: unreadOf.get(roomId),
    })
  }
  const section = (name: 'join' | 'leave') =>
    new Map(told.filter((t) => t.plan.section === name).map((t) => [t.plan.roomId, textOf(t)]))
  return { join: section('join'), leave: section('leave') }
}

/** That a room was left is news, even where the filter takes out the event that says so. */
const hasNews = (timeline: Timeline, state: readonly StoredEvent[], accountData: readonly string[]): boolean =>
  timeline.plan.isWhole ||
  timeline.plan.section === 'leave' ||
  timeline.isLimited ||
  timeline.events.length > 0 ||
  state.length > 0 ||
  accountData.length > 0

async function roomsAccountData(
  deps: Deps,
  reader: Reader,
  plan: Plan,
  changed: readonly AccountData[],
): Promise<Map<RoomId, string[]>> {
  const filter = reader.filter.room?.account_data
  const rooms = plan.rooms.filter((room) => includesRoomPart(filter, room.roomId))
  const isNew = (room: RoomPlan) => room.section === 'join' && room.after < (plan.since ?? 0)
  const fresh = rooms.filter(isNew).map((room) => room.roomId)
  const known = new Set(rooms.map((room) => room.roomId))
  const whole = fresh.length === 0 ? [] : await store.readRoomAccountData(deps.sql, reader.userId, fresh, plan.head)
  const isFresh = new Set(fresh)
  const rows = [
    ...whole,
    ...changed.flatMap(({ roomId, type, content }) =>
      roomId !== '' && known.has(roomId) && !isFresh.has(roomId) ? { roomId, type, content } : [],
    ),
  ].filter((row) => passesType(filter, row.type))
  const byRoom = Map.groupBy(rows, (row) => row.roomId)
  return new Map([...byRoom].map(([roomId, found]) => [roomId, found.map(plainText)]))
}

function roomText(reader: Reader, texts: EventTexts, parts: Parts): string {
  const { timeline, state, summary, ephemeral, accountData, unread } = parts
  const stateText = eventList(state.map((event) => texts.state(event)))
  const withState = state.length > 0 || !reader.stateKeys.includes('state')
  const fields = [
    ...(summary ? [`"summary":${summaryText(summary)}`] : []),
    ...(withState ? reader.stateKeys.map((key) => `"${key}":${stateText}`) : []),
    `"timeline":${timelineText(timeline, texts)}`,
    ...(ephemeral.length > 0 ? [`"ephemeral":${eventList(ephemeral)}`] : []),
    ...(accountData.length > 0 ? [`"account_data":${eventList(accountData)}`] : []),
    ...(unread ? [unreadFields(unread.threads, tellsThreads(reader))] : []),
  ]
  return `{${fields.join(',')}}`
}

function timelineText({ events, isLimited, startsAfter }: Timeline, texts: EventTexts): string {
  const hasOlder = events[0]?.type !== 'm.room.create'
  const list = events.map((event) => texts.timeline.get(event.eventId)!)
  return `{"events":[${list.join(',')}],"limited":${isLimited}${hasOlder ? `,"prev_batch":"${tokenOf(startsAfter)}"` : ''}}`
}

async function invitedAndKnocked(
  deps: Deps,
  reader: Reader,
  plan: Plan,
  ignored: readonly string[],
): Promise<{ invite: Section; knock: Section }> {
  const rooms = [...plan.invited, ...plan.knocked]
  const state = rooms.length === 0 ? [] : await store.readStrippedState(deps.sql, reader.userId, rooms, strippedTypes)
  const byRoom = Map.groupBy(state, (event) => event.roomId)
  const blocksAll = plan.invited.length > 0 && (await blocksInvites(deps.sql, reader.userId))
  const isWelcome = ({ roomId }: Calling) => {
    const sender = byRoom.get(roomId)?.find((event) => event.type === 'm.room.member')?.sender
    return !blocksAll && (sender === undefined || !ignored.includes(sender))
  }
  const section = (callings: readonly Calling[], key: string) =>
    new Map(
      callings.map(({ roomId }) => [roomId, `{"${key}":${eventList((byRoom.get(roomId) ?? []).map(strippedForm))}}`]),
    )
  return {
    invite: section(plan.invited.filter(isWelcome), 'invite_state'),
    knock: section(plan.knocked, 'knock_state'),
  }
}

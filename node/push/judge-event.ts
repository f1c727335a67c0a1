import { isUserId, type UserId } from '#spec/ids.ts'
import { isJsonObject } from '#spec/json.ts'
import { notificationLevelOf, prepareEvent, type PreparedEvent, type PushContext } from '#spec/push/prepare-event.ts'
import { powerLevelOf } from '#spec/room/auth.ts'
import { member, membershipOf } from '#spec/room/content.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import type { Deps } from '#node/deps.ts'
import type { NewEvent } from '#node/slice.ts'
import { write, type Write } from '#node/stream/commit.ts'
import { isOurs, type Audience } from './audience.ts'
import { exceptionKind, quietKind, roomNotificationKind } from './facts.ts'
import { noOutcome, outcomeFor, outcomeForOne, type Member, type Outcome, type RuleClass } from './rule-class.ts'
import { rulesOf, settingsOf } from './settings.ts'

/** More people than this are not mentioned by name by anybody who means them. */
const mostMentions = 100

/** What an event is to the people of this node, as rows to be stored with it. */
export async function judgeEvent(deps: Deps, audience: Audience, added: NewEvent, threadId: string): Promise<Write[]> {
  const { event } = added
  const prepared = prepareEvent(event, await contextOf(audience, added))
  const common = outcomeFor(audience.plain, prepared)
  const at = { roomId: event.room_id, threadId }
  const writes: Write[] = settle(audience, prepared)
  if (common.notifies) writes.push(write(roomNotificationKind, { ...at, highlights: common.highlights }))
  const outcomes = [...otherOutcomes(audience, prepared, common), ...(await inviteeOutcome(deps, prepared, event))]
  for (const { userId, expected, outcome } of outcomes) {
    if (outcome.notifies === expected.notifies && outcome.highlights === expected.highlights) continue
    const [notified, highlighted] = [
      difference(outcome.notifies, expected.notifies),
      difference(outcome.highlights, expected.highlights),
    ]
    writes.push(write(exceptionKind, { ...at, userId, notified, highlighted, ...outcome }))
  }
  return writes
}

const difference = (now: boolean, expected: boolean): -1 | 0 | 1 => (now === expected ? 0 : now ? 1 : -1)

interface Judged {
  readonly userId: UserId
  /** What the counts of the room make of it. */
  readonly expected: Outcome
  readonly outcome: Outcome
}

/** Of everybody for whom the common outcome may not be the right one. */
function otherOutcomes(audience: Audience, event: PreparedEvent, common: Outcome): Judged[] {
  const outcomes = new Map<Member, Outcome>()
  for (const ruleClass of audience.classes.values()) {
    const outcome = outcomeFor(ruleClass, event)
    const expected = ruleClass.isQuiet ? noOutcome : common
    if (outcome.notifies !== expected.notifies || outcome.highlights !== expected.highlights)
      for (const one of ruleClass.members) outcomes.set(one, outcome)
  }
  for (const userId of mentionsIn(event)) {
    const one = audience.members.get(userId)
    if (one) outcomes.set(one, outcomeForOne(rulesOf(one.settings), event, one.displayName))
  }
  for (const one of audience.ignoring.get(event.sender) ?? []) outcomes.set(one, noOutcome)
  // Whoever sends an event has read it.
  const sender = audience.members.get(event.sender as UserId)
  if (sender) outcomes.delete(sender)
  return [...outcomes].map(([{ userId, isQuiet }, outcome]) => ({
    userId,
    expected: isQuiet ? noOutcome : common,
    outcome,
  }))
}

/** An invitation notifies, though whoever is invited is not in the room yet. */
async function inviteeOutcome(deps: Deps, prepared: PreparedEvent, event: RoomEvent): Promise<Judged[]> {
  const { type, state_key: userId } = event
  if (type !== 'm.room.member' || userId === undefined || membershipOf(event) !== 'invite') return []
  if (!isUserId(userId) || !isOurs(deps, userId)) return []
  const settings = (await settingsOf(deps, [userId])).get(userId)!
  if (settings.ignored.has(event.sender)) return []
  return [{ userId, expected: noOutcome, outcome: outcomeForOne(rulesOf(settings), prepared, undefined) }]
}

const mentionedPath = ['content', 'm.mentions', 'user_ids']

/** Whom a message mentions by user id. Client-Server API, "User and room mentions". */
function mentionsIn(event: PreparedEvent): UserId[] {
  const { items } = event.property(String.raw`content.m\.mentions.user_ids`, mentionedPath)
  return items === undefined ? [] : [...items].slice(0, mostMentions).filter(isUserId)
}

/** A message of which nothing is known but its type: what it is to people is what they are told of most. */
const plainMessage = { type: 'm.room.message', content: { msgtype: 'm.text', body: '' } } as const

/** Stores for whom plain messages are quiet, where that has changed. */
function settle(audience: Audience, event: PreparedEvent): Write[] {
  if (audience.classes.size === 0 && audience.plain.unsettled.size === 0) return []
  const { roomId, plain, classes } = audience
  const probe = prepareEvent(
    { ...plainMessage, event_id: '' as never, room_id: roomId, sender: '' as never, origin_server_ts: 0 } as never,
    event.context,
  )
  const writes = settleClass(plain, roomId)
  for (const ruleClass of classes.values()) {
    const isQuiet = !outcomeFor(ruleClass, probe).notifies
    if (isQuiet !== ruleClass.isQuiet) {
      ruleClass.isQuiet = isQuiet
      for (const one of ruleClass.members) ruleClass.unsettled.add(one)
    }
    writes.push(...settleClass(ruleClass, roomId))
  }
  return writes
}

function settleClass({ unsettled, isQuiet }: RuleClass, roomId: Audience['roomId']): Write[] {
  const changed = [...unsettled].filter((one) => one.isQuiet !== isQuiet)
  unsettled.clear()
  for (const one of changed) one.isQuiet = isQuiet
  return changed.map(({ userId }) => write(quietKind, { userId, roomId, isQuiet }))
}

/** Power levels are read only where a rule may ask for them. */
async function contextOf({ joined, classes }: Audience, { event, version, piece }: NewEvent): Promise<PushContext> {
  const mentions = member(event.content, 'm.mentions')
  const asksForLevels = classes.size > 0 || (isJsonObject(mentions) && member(mentions, 'room') === true)
  const [levels, create] = asksForLevels
    ? [await piece('m.room.power_levels', ''), await piece('m.room.create', '')]
    : [undefined, undefined]
  return {
    memberCount: joined.size,
    senderLevel: asksForLevels ? powerLevelOf(version, event.sender, levels, create) : 0,
    notificationLevel: (key) => notificationLevelOf(version, levels, key),
  }
}

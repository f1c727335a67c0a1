import { serverOf, type RoomId, type UserId } from '#spec/ids.ts'
import { noRuleChanges } from '#spec/push/rule-changes.ts'
import { displayNameOf, membershipOf } from '#spec/room/content.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import { perNode, type Deps } from '#node/deps.ts'
import type { NewEvent } from '#node/slice.ts'
import { asksForName, changesIn, newClass, type Member, type RuleClass } from './rule-class.ts'
import { onSettings, settingsOf, type Settings } from './settings.ts'
import * as store from './store.ts'

/** Who hears of the events of a room, as of the last event that was judged: like the room, it runs ahead of the database. */
export interface Audience {
  readonly roomId: RoomId
  /** Everybody, of other servers too. */
  readonly joined: Set<UserId>
  readonly members: Map<UserId, Member>
  /** Of people whom nothing distinguishes. */
  readonly plain: RuleClass
  /** The others, by what distinguishes them. */
  readonly classes: Map<string, RuleClass>
  /** By whom they ignore. */
  readonly ignoring: Map<string, Set<Member>>
}

interface Audiences {
  /** By the room in memory: when that is read anew, so is its audience. */
  readonly byRoom: WeakMap<object, Audience>
  readonly all: Set<WeakRef<Audience>>
}

const audiencesOf = perNode<Audiences>((deps) => {
  const audiences: Audiences = { byRoom: new WeakMap(), all: new Set() }
  onSettings(deps, (settings) => {
    for (const reference of audiences.all) {
      const audience = reference.deref()
      if (audience === undefined) audiences.all.delete(reference)
      else adopt(audience, settings)
    }
  })
  return audiences
})

/** The audience of an event that has been judged, with what the event itself changes of it. */
export async function audienceOf(deps: Deps, { event, room }: Pick<NewEvent, 'event' | 'room'>): Promise<Audience> {
  const { byRoom, all } = audiencesOf(deps)
  const known = byRoom.get(room)
  const audience = known ?? (await load(deps, event))
  if (known === undefined) {
    byRoom.set(room, audience)
    all.add(new WeakRef(audience))
  }
  if (event.type === 'm.room.member' && event.state_key !== undefined) await noteMember(deps, audience, event)
  return audience
}

/** Nothing of the room is under way when its first event is judged, so that the database has all of it. */
async function load(deps: Deps, { room_id: roomId, type }: RoomEvent): Promise<Audience> {
  const audience: Audience = {
    roomId,
    joined: new Set(),
    members: new Map(),
    plain: newClass(noRuleChanges, undefined),
    classes: new Map(),
    ignoring: new Map(),
  }
  if (type === 'm.room.create') return audience
  const [joined, quiet] = await Promise.all([store.readJoined(deps.sql, roomId), store.readQuiet(deps.sql, roomId)])
  for (const { userId } of joined) audience.joined.add(userId)
  const local = joined.filter(({ userId }) => isOurs(deps, userId))
  const isQuiet = new Set(quiet.map(({ userId }) => userId))
  const settings = await settingsOf(
    deps,
    local.map(({ userId }) => userId),
  )
  for (const { userId, displayname } of local)
    addMember(audience, settings.get(userId)!, { displayName: displayname ?? undefined, isQuiet: isQuiet.has(userId) })
  return audience
}

export const isOurs = (deps: Deps, userId: UserId): boolean => serverOf(userId) === deps.config.serverName

async function noteMember(deps: Deps, audience: Audience, event: RoomEvent): Promise<void> {
  const userId = event.state_key as UserId
  if (membershipOf(event) !== 'join') {
    audience.joined.delete(userId)
    return removeMember(audience, userId)
  }
  audience.joined.add(userId)
  if (!isOurs(deps, userId)) return
  const isQuiet = audience.members.get(userId)?.isQuiet ?? false
  const settings = (await settingsOf(deps, [userId])).get(userId)!
  removeMember(audience, userId)
  addMember(audience, settings, { displayName: displayNameOf(event), isQuiet })
}

function addMember(
  audience: Audience,
  settings: Settings,
  { displayName, isQuiet }: Pick<Member, 'displayName' | 'isQuiet'>,
): void {
  const ruleClass = classFor(audience, settings, displayName)
  const member: Member = { userId: settings.userId, displayName, settings, ruleClass, isQuiet }
  audience.members.set(member.userId, member)
  ruleClass.members.add(member)
  if (isQuiet !== ruleClass.isQuiet) ruleClass.unsettled.add(member)
  for (const userId of settings.ignored) {
    const of = audience.ignoring.get(userId)
    if (of) of.add(member)
    else audience.ignoring.set(userId, new Set([member]))
  }
}

function removeMember(audience: Audience, userId: UserId): void {
  const member = audience.members.get(userId)
  if (member === undefined) return
  audience.members.delete(userId)
  member.ruleClass.members.delete(member)
  member.ruleClass.unsettled.delete(member)
  if (member.ruleClass !== audience.plain && member.ruleClass.members.size === 0)
    for (const [key, one] of audience.classes) if (one === member.ruleClass) audience.classes.delete(key)
  for (const ignored of member.settings.ignored) audience.ignoring.get(ignored)?.delete(member)
}

/** Somebody has other settings from now on. */
function adopt(audience: Audience, settings: Settings): void {
  const member = audience.members.get(settings.userId)
  if (member === undefined) return
  removeMember(audience, settings.userId)
  addMember(audience, settings, member)
}

function classFor(audience: Audience, { changes }: Settings, displayName: string | undefined): RuleClass {
  const relevant = changesIn(audience.roomId, changes)
  if (Object.keys(relevant.own).length === 0 && Object.keys(relevant.predefined).length === 0) return audience.plain
  const name = asksForName(relevant) ? displayName : undefined
  const key = JSON.stringify([relevant, name])
  const known = audience.classes.get(key)
  if (known !== undefined) return known
  const made = newClass(relevant, name)
  audience.classes.set(key, made)
  return made
}

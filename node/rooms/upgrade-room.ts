import { forbidden } from '#spec/errors.ts'
import type { RoomId, UserId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import { actionLevelOf, powerLevelOf, requiredLevelOf } from '#spec/room/auth.ts'
import type { EventDraft } from '#spec/room/build.ts'
import { levelIn, membershipOf, roomTypeOf } from '#spec/room/content.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import { stateKeyOf } from '#spec/room/resolve/state-map.ts'
import { requireRoomVersion, type RoomVersion } from '#spec/room/versions.ts'
import { readShownProfile } from '#node/accounts/profile.ts'
import type { Deps } from '#node/deps.ts'
import { write } from '#node/stream/commit.ts'
import { splitAliases, type KeptAliases } from './aliases.ts'
import { appendEvents, prepareNewRoom, type Proposal } from './append-event.ts'
import { settingsToCarry, tellOfReplacement } from './carry-settings.ts'
import { copiedTypes, highestLevel, translateLevels } from './copied-state.ts'
import { randomRoomId } from './create-room.ts'
import { replacedKind } from './facts.ts'
import { maySetState } from './may-set-state.ts'
import { checkInside } from './membership-in.ts'
import { readPieces, type Room } from './room.ts'
import * as store from './store.ts'

interface Upgrade {
  readonly roomId: RoomId
  readonly newVersion: string
  readonly additionalCreators: readonly UserId[]
}

/**
 * Replaces a room by one of another version. The new room, the farewell in the old one, and everything that leads from the one to the other are
 * stored in one transaction. Client-Server API, "Room Upgrades".
 */
export async function upgradeRoom(deps: Deps, upgrader: UserId, upgrade: Upgrade): Promise<RoomId> {
  const to = requireRoomVersion(upgrade.newVersion)
  const profile = { ...(await readShownProfile(deps.sql, upgrader)) }
  let replacement: RoomId
  await appendEvents(deps, upgrade.roomId, async (old) => {
    await checkInside(deps, old, upgrader)
    // 1.
    if (!(await maySetState(deps, old, upgrader, 'm.room.tombstone')))
      throw forbidden('Only those with the power to close this room may upgrade it.')
    const plan = await planOf(deps, old, { ...upgrade, upgrader, profile, to })
    // 2. to 4.
    const made = await prepareNewRoom(deps, to, createEvent(plan), plan.newId, () => ({ drafts: restOf(plan) }))
    replacement = made.room.id
    // 5., 6.
    return farewell(deps, plan, replacement, made.writes)
  })
  await tellOfReplacement(deps, upgrader, { from: upgrade.roomId, to: replacement! })
  return replacement!
}

interface Plan {
  readonly old: Room
  readonly upgrader: UserId
  readonly profile: JsonObject
  readonly to: RoomVersion
  /** Where the create event does not give the id. */
  readonly newId: RoomId | undefined
  readonly additionalCreators: readonly UserId[]
  /** Of the old room. */
  readonly create: RoomEvent
  readonly levels: RoomEvent | undefined
  readonly copied: readonly RoomEvent[]
  readonly aliases: KeptAliases
}

async function planOf(
  deps: Deps,
  old: Room,
  given: Pick<Plan, 'upgrader' | 'profile' | 'to' | 'additionalCreators'>,
): Promise<Plan> {
  const single = ['m.room.create', 'm.room.power_levels', ...copiedTypes].map((type) => [type, ''] as const)
  const pieces = await readPieces(deps, old, single)
  const piece = (type: string) => pieces.get(stateKeyOf(type, ''))
  const create = piece('m.room.create')!
  return {
    ...given,
    old,
    create,
    newId: given.to.roomIdIsCreateHash ? undefined : randomRoomId(deps),
    levels: piece('m.room.power_levels'),
    copied: [
      ...copiedTypes.flatMap((type) => piece(type) ?? []).filter(saysSomething),
      ...(roomTypeOf(create) === 'm.space' ? await readChildren(deps, old) : []),
      ...(await readBans(deps, old)),
    ],
    aliases: await splitAliases(deps, old),
  }
}

const saysSomething = ({ content }: RoomEvent) => Object.keys(content).length > 0

/** What a space is made of goes along with it. */
const readChildren = async (deps: Deps, room: Room) =>
  (await readAll(deps, room, 'm.space.child')).filter(saysSomething)
const readBans = async (deps: Deps, room: Room) =>
  (await readAll(deps, room, 'm.room.member')).filter((event) => membershipOf(event) === 'ban')

async function readAll(deps: Deps, room: Room, type: string): Promise<RoomEvent[]> {
  const prefix = stateKeyOf(type, '')
  const ids = [...room.state].filter(([key]) => key.startsWith(prefix)).map(([, id]) => id)
  const stored = await store.readRoomEvents(
    deps.sql,
    ids.filter((id) => !room.storing.has(id)),
  )
  return [...stored, ...ids.flatMap((id) => room.storing.get(id) ?? [])]
}

function createEvent({ create, old, upgrader, to, additionalCreators }: Plan): EventDraft {
  const { type, 'm.federate': federate } = create.content
  const others = additionalCreators.filter((user) => user !== upgrader)
  const content: JsonObject = {
    room_version: to.id,
    ...(to.creatorInContent && { creator: upgrader }),
    ...(type !== undefined && { type }),
    ...(federate !== undefined && { 'm.federate': federate }),
    ...(to.privilegedCreators && others.length > 0 && { additional_creators: [...new Set(others)] }),
    predecessor: { room_id: old.id, ...(!to.roomIdIsCreateHash && { event_id: old.heads[0]!.event_id }) },
  }
  return { type: 'm.room.create', sender: upgrader, state_key: '', content }
}

/** What comes after the create event. Who is to set all of it needs the power for it, and keeps no more than they had. */
function restOf(plan: Plan): EventDraft[] {
  const { upgrader, profile, to, old, create, additionalCreators, aliases } = plan
  const state = (type: string, content: JsonObject, state_key = '') => ({ type, sender: upgrader, state_key, content })
  const before = plan.levels?.content ?? { users: { [upgrader]: 100 } }
  const creators = to.privilegedCreators ? [upgrader, ...additionalCreators] : []
  const levels = translateLevels(before, { from: old.version, to, create, creators })
  const raised = to.privilegedCreators ? levels : withLevel(levels, upgrader, highestLevel(to, levels))
  const isRaised = to.privilegedCreators === false && ownLevel(to, levels, upgrader) !== ownLevel(to, raised, upgrader)
  return [
    state('m.room.member', { ...profile, membership: 'join' }, upgrader),
    state('m.room.power_levels', raised),
    ...(saysAny(aliases.kept) ? [state('m.room.canonical_alias', aliases.kept)] : []),
    ...plan.copied.map((event) => state(event.type, event.content, event.state_key)),
    ...(isRaised ? [state('m.room.power_levels', levels)] : []),
  ]
}

const saysAny = (content: JsonObject) => Object.keys(content).length > 0

const ownLevel = (version: RoomVersion, levels: JsonObject, user: UserId) => levelIn(version, levels['users'], user)

const withLevel = (levels: JsonObject, user: UserId, level: number): JsonObject => ({
  ...levels,
  users: { ...(levels['users'] as JsonObject), [user]: level },
})

async function farewell(
  deps: Deps,
  { old, upgrader, levels, create, aliases }: Plan,
  replacement: RoomId,
  made: NonNullable<Proposal['beside']>,
): Promise<Proposal> {
  const state = (type: string, content: JsonObject) => ({ type, sender: upgrader, state_key: '', content })
  const tombstone = { body: 'This room has been replaced.', replacement_room: replacement }
  const movesAliases = saysAny(aliases.kept) && (await maySetState(deps, old, upgrader, 'm.room.canonical_alias'))
  const quiet = quietLevels(old.version, upgrader, levels, create)
  return {
    drafts: [
      state('m.room.tombstone', tombstone),
      ...(movesAliases ? [state('m.room.canonical_alias', aliases.left)] : []),
      ...(quiet ? [state('m.room.power_levels', quiet)] : []),
    ],
    beside: [
      ...made,
      write(replacedKind, { from: old.id, to: replacement }),
      ...(await settingsToCarry(deps, upgrader, { from: old.id, to: replacement })),
    ],
  }
}

/** Levels at which only some can still talk and invite; nothing if there are none to change, or the upgrader may not. */
function quietLevels(
  version: RoomVersion,
  upgrader: UserId,
  levels: RoomEvent | undefined,
  create: RoomEvent,
): JsonObject | undefined {
  if (levels === undefined) return undefined
  const own = powerLevelOf(version, upgrader, levels, create)
  const least = Math.max(50, (levelIn(version, levels.content, 'users_default') ?? 0) + 1)
  const [talk, invite] = [
    levelIn(version, levels.content, 'events_default') ?? 0,
    actionLevelOf(version, 'invite', levels),
  ]
  const isQuiet = talk >= least && invite >= least
  if (isQuiet || own < least || own < requiredLevelOf(version, 'm.room.power_levels', true, levels)) return undefined
  return { ...levels.content, events_default: Math.max(talk, least), invite: Math.max(invite, least) }
}

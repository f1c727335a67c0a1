import type { createRoom as createRoomEndpoint } from '#spec/api/client/rooms.ts'
import type { BodyOf } from '#spec/endpoint.ts'
import { invalidParam, MatrixError } from '#spec/errors.ts'
import type { RoomAlias, RoomId, UserId } from '#spec/ids.ts'
import { isRoomAlias } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import { AuthFailure } from '#spec/room/auth.ts'
import type { EventDraft } from '#spec/room/build.ts'
import { encodeBase64Url } from '#spec/sign.ts'
import { defaultRoomVersion, requireRoomVersion, type RoomVersion } from '#spec/room/versions.ts'
import { readShownProfile } from '#node/accounts/profile.ts'
import { checkAliasNotExclusive } from '#node/accounts/appservices/appservices.ts'
import { checkNotSuspended } from '#node/accounts/moderation/account-status.ts'
import type { Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'
import { write, type Write } from '#node/stream/commit.ts'
import { checkAliasesOfNewRoom, checkLocalAlias, isAliasTaken } from './aliases.ts'
import { appendNewRoom } from './append-event.ts'
import { aliasKind, publishedKind } from './facts.ts'
import { inviteContent, invitesNoAddress } from './memberships.ts'
import { checkReachable } from './reachable.ts'
import { checkState } from './send-event.ts'
import * as store from './store.ts'

type Request = BodyOf<typeof createRoomEndpoint>
type Preset = NonNullable<Request['preset']>

/** Client-Server API, "createRoom", the table of presets. */
const presets: Readonly<Record<Preset, { joinRule: string; history: string; guests: string; invite: number }>> = {
  private_chat: { joinRule: 'invite', history: 'shared', guests: 'can_join', invite: 0 },
  trusted_private_chat: { joinRule: 'invite', history: 'shared', guests: 'can_join', invite: 0 },
  public_chat: { joinRule: 'public', history: 'shared', guests: 'forbidden', invite: 50 },
}

/** Creates a room and invites people to it, all or nothing; `beside` is stored with it, `asking` is the application service that calls. */
export async function createRoom(
  deps: Deps,
  creator: UserId,
  request: Request,
  {
    beside = () => [],
    asking,
  }: { beside?: (roomId: RoomId) => readonly Write[]; asking?: Identity['appservice'] | undefined } = {},
): Promise<RoomId> {
  checkNotSuspended(deps, creator)
  const version = request.room_version === undefined ? defaultRoomVersion : requireRoomVersion(request.room_version)
  if (request.invite_3pid && request.invite_3pid.length > 0) throw invitesNoAddress()
  const alias = aliasOf(deps, request)
  if (alias) checkAliasNotExclusive(deps, alias, creator, asking)
  if (alias && (await store.readAlias(deps.sql, alias))) throw roomInUse()
  const invited = [...new Set(request.invite)].filter((user) => user !== creator)
  for (const user of invited) await checkReachable(deps, user)
  for (const { type, state_key: stateKey, content } of request.initial_state ?? []) {
    if (type === 'm.room.create') throw invalidState('it has one create event, which the server makes')
    if (type === 'm.room.canonical_alias') checkAliasesOfNewRoom(content, alias)
    await checkState(deps, { type, stateKey, content })
  }

  const preset = request.preset ?? (request.visibility === 'public' ? 'public_chat' : 'private_chat')
  const plan: Plan = {
    creator,
    request,
    preset,
    version,
    alias,
    invited,
    profiles: await readProfiles(deps, [creator, ...invited]),
  }
  const newId = version.roomIdIsCreateHash ? undefined : randomRoomId(deps)
  try {
    return await appendNewRoom(deps, version, createEvent(plan), newId, (roomId) => ({
      drafts: restOf(plan),
      beside: [...besideEvents(plan, roomId), ...beside(roomId)],
    }))
  } catch (error) {
    throw explain(error)
  }
}

interface Plan {
  readonly creator: UserId
  readonly request: Request
  readonly preset: Preset
  readonly version: RoomVersion
  readonly alias: RoomAlias | undefined
  readonly invited: readonly UserId[]
  readonly profiles: ReadonlyMap<UserId, JsonObject>
}

/** What comes after the create event, in the order that the specification gives. */
function restOf(plan: Plan): EventDraft[] {
  const { creator, request, preset, alias, invited, profiles } = plan
  const { joinRule, history, guests } = presets[preset]
  const state = (type: string, content: JsonObject, state_key = '') => ({ type, sender: creator, state_key, content })
  const initial = (request.initial_state ?? []).map((s) => state(s.type, s.content, s.state_key))
  const isGiven = (draft: EventDraft) => initial.some((s) => s.type === draft.type && s.state_key === draft.state_key)
  return [
    state('m.room.member', { ...profiles.get(creator), membership: 'join' }, creator),
    state('m.room.power_levels', powerLevels(plan)),
    ...(alias ? [state('m.room.canonical_alias', { alias })] : []),
    ...[
      state('m.room.join_rules', { join_rule: joinRule }),
      state('m.room.history_visibility', { history_visibility: history }),
      state('m.room.guest_access', { guest_access: guests }),
    ].filter((draft) => !isGiven(draft)),
    ...initial,
    ...(request.name === undefined ? [] : [state('m.room.name', { name: request.name })]),
    ...(request.topic === undefined ? [] : [state('m.room.topic', topicContent(request.topic))]),
    ...invited.map((user) =>
      state('m.room.member', inviteContent(profiles.get(user), { isDirect: request.is_direct }), user),
    ),
  ]
}

/** The plain topic, and the form that rich text has had since version 1.15 of the specification. */
const topicContent = (topic: string): JsonObject => ({ topic, 'm.topic': { 'm.text': [{ body: topic }] } })

function createEvent({ creator, request, preset, version, invited }: Plan): EventDraft {
  const { creator: _creator, ...asked } = request.creation_content ?? {}
  const sharesCreation = version.privilegedCreators && preset === 'trusted_private_chat' && invited.length > 0
  const given = Array.isArray(asked['additional_creators']) ? asked['additional_creators'] : []
  const content: JsonObject = {
    ...asked,
    room_version: version.id,
    ...(version.creatorInContent && { creator }),
    ...(sharesCreation && { additional_creators: [...new Set([...given, ...invited])] }),
  }
  return { type: 'm.room.create', sender: creator, state_key: '', content }
}

/** The creators of version 12 stand above all levels and may not be listed. */
function powerLevels({ creator, request, preset, version, invited }: Plan): JsonObject {
  const equals = preset === 'trusted_private_chat' ? invited : []
  const users = version.privilegedCreators ? {} : Object.fromEntries([creator, ...equals].map((user) => [user, 100]))
  return {
    users,
    users_default: 0,
    events: {
      'm.room.name': 50,
      'm.room.avatar': 50,
      'm.room.topic': 50,
      'm.room.canonical_alias': 50,
      'm.room.power_levels': 100,
      'm.room.history_visibility': 100,
      'm.room.encryption': 100,
      'm.room.server_acl': 100,
      'm.room.tombstone': version.privilegedCreators ? 150 : 100,
      // Everybody may say that they take part in a call.
      'm.call.member': 0,
      'org.matrix.msc3401.call.member': 0,
    },
    events_default: 0,
    state_default: 50,
    invite: presets[preset].invite,
    kick: 50,
    ban: 50,
    redact: 50,
    notifications: { room: 50 },
    ...request.power_level_content_override,
  }
}

function besideEvents({ creator, request, alias }: Plan, roomId: RoomId): Write[] {
  return [
    ...(alias ? [write(aliasKind, { alias, roomId, createdBy: creator })] : []),
    ...(request.visibility === 'public' ? [write(publishedKind, { roomId, published: true })] : []),
  ]
}

function aliasOf(deps: Deps, { room_alias_name: name }: Request): RoomAlias | undefined {
  if (name === undefined) return undefined
  const alias = `#${name}:${deps.config.serverName}`
  if (name.includes(':') || !isRoomAlias(alias)) throw invalidParam('room_alias_name is not a valid name for an alias.')
  checkLocalAlias(deps, alias)
  return alias
}

async function readProfiles(deps: Deps, users: readonly UserId[]): Promise<Map<UserId, JsonObject>> {
  const profiles = await Promise.all(users.map((user) => readShownProfile(deps.sql, user)))
  return new Map(users.map((user, i) => [user, { ...profiles[i] }]))
}

export const randomRoomId = (deps: Deps) =>
  `!${encodeBase64Url(deps.random.bytes(18))}:${deps.config.serverName}` as RoomId

const invalidState = (why: string, cause?: unknown) =>
  new MatrixError('M_INVALID_ROOM_STATE', `A room cannot begin like this: ${why}.`, { cause })

const roomInUse = () => new MatrixError('M_ROOM_IN_USE', 'Another room has that alias already.')

function explain(error: unknown): unknown {
  if (error instanceof AuthFailure) return invalidState(error.message, error)
  return isAliasTaken(error) ? roomInUse() : error
}

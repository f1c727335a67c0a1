import * as directory from '#spec/api/client/room-directory.ts'
import * as events from '#spec/api/client/events.ts'
import { getMutualRooms, getUnstableMutualRooms } from '#spec/api/client/mutual-rooms.ts'
import * as previews from '#spec/api/client/room-previews.ts'
import * as roomUpgrades from '#spec/api/client/room-upgrades.ts'
import * as relations from '#spec/api/client/relations.ts'
import * as rooms from '#spec/api/client/rooms.ts'
import type { Deps } from '#node/deps.ts'
import { RawJson, route, type Call, type Identity, type Route } from '#node/http/route.ts'
import { deleteAlias, readAliases, resolveAlias, setAlias } from './aliases.ts'
import { createRoom } from './create-room.ts'
import { delayEvent, type DelayRequest } from './delays.ts'
import { knock } from './knock.ts'
import {
  banUser,
  forgetRoom,
  inviteUser,
  joinRoom,
  kickUser,
  leaveRoom,
  requireInvited,
  unbanUser,
} from './memberships.ts'
import { listenToRoom } from './listen-to-room.ts'
import { readMutualRooms } from './mutual-rooms.ts'
import { readNearestEvent } from './nearest-event.ts'
import { previewRoom } from './preview-room.ts'
import { readVisibility, setVisibility } from './publish.ts'
import { readContext, readEvent, readMessages } from './read-messages.ts'
import { readJoinedMembers, readMembers, readStatePiece, readStateText } from './read-state.ts'
import { readRelations } from './relations/read-relations.ts'
import { readThreads } from './relations/read-threads.ts'
import { redactEvent, sendMessage, sendState } from './send-event.ts'
import * as store from './store.ts'
import { saidAtIn } from './said-at.ts'
import { upgradeRoom } from './upgrade-room.ts'

const delayName = 'org.matrix.msc4140.delay'
const delayed = async (deps: Deps, sender: Identity, asked: DelayRequest) =>
  new RawJson(JSON.stringify({ delay_id: await delayEvent(deps, sender, asked) }))

const putState = async (deps: Deps, call: Call<typeof events.sendStateEventEmptyKey>, stateKey: string) => {
  const { roomId, eventType: type } = call.params
  const delayMs = call.query[delayName]
  if (delayMs !== undefined)
    return delayed(deps, call.identity, { roomId, type, stateKey, content: call.body, delayMs })
  const saidAt = saidAtIn(call)
  return {
    event_id: await sendState(deps, call.identity.userId, { roomId, type, stateKey, content: call.body, saidAt }),
  }
}

const getState = async (deps: Deps, call: Call<typeof events.getStateEventEmptyKey>, stateKey: string) => {
  const { roomId, eventType: type } = call.params
  return new RawJson(await readStatePiece(deps, call.identity, { roomId, type, stateKey, format: call.query.format }))
}

const getRelations = async (deps: Deps, { identity, query, params }: Call<typeof relations.getRelatingEvents>) =>
  new RawJson(await readRelations(deps, identity, { ...query, ...params }))

const change = ({ params, body, identity }: Call<typeof rooms.kickUser>) => ({
  roomId: params.roomId,
  sender: identity.userId,
  target: body.user_id,
  reason: body.reason,
})

export const routes: readonly Route[] = [
  route(rooms.createRoom, async (deps, call) => ({
    room_id: await createRoom(deps, call.identity.userId, call.body, { asking: call.identity.appservice }),
  })),
  route(rooms.joinRoom, async (deps, call) => {
    const { roomId } = call.params
    await joinRoom(deps, call.identity.userId, roomId, call.body.reason)
    return { room_id: roomId }
  }),
  route(rooms.joinRoomByIdOrAlias, async (deps, call) => {
    const roomId = await resolveAlias(deps, call.params.roomIdOrAlias)
    await joinRoom(deps, call.identity.userId, roomId, call.body.reason)
    return { room_id: roomId }
  }),
  route(rooms.knockRoom, async (deps, call) => {
    const roomId = await resolveAlias(deps, call.params.roomIdOrAlias)
    await knock(deps, call.identity.userId, roomId, call.body.reason)
    return { room_id: roomId }
  }),
  route(rooms.leaveRoom, async (deps, call) => {
    await leaveRoom(deps, call.identity.userId, call.params.roomId, { reason: call.body.reason })
    return {}
  }),
  route(rooms.forgetRoom, async (deps, call) => {
    await forgetRoom(deps, call.identity.userId, call.params.roomId)
    return {}
  }),
  route(rooms.inviteUser, async (deps, { params, body, identity }) => {
    const target = requireInvited(body)
    await inviteUser(deps, { roomId: params.roomId, sender: identity.userId, target, reason: body.reason })
    return {}
  }),
  route(rooms.kickUser, async (deps, call) => {
    await kickUser(deps, change(call))
    return {}
  }),
  route(rooms.banUser, async (deps, call) => {
    await banUser(deps, change(call))
    return {}
  }),
  route(rooms.unbanUser, async (deps, call) => {
    await unbanUser(deps, change(call))
    return {}
  }),
  route(rooms.getJoinedRooms, async (deps, call) => {
    const joined = await store.readRoomsOf(deps.sql, call.identity.userId, 'join')
    return { joined_rooms: joined.map((row) => row.roomId) }
  }),
  route(getMutualRooms, (deps, { identity, query }) => readMutualRooms(deps, identity.userId, query)),
  route(getUnstableMutualRooms, (deps, { identity, query }) => readMutualRooms(deps, identity.userId, query)),
  route(rooms.getMembers, async (deps, call) => {
    const asked = { roomId: call.params.roomId, ...call.query }
    return new RawJson(await readMembers(deps, call.identity, asked))
  }),
  route(rooms.getJoinedMembers, async (deps, call) => ({
    joined: await readJoinedMembers(deps, call.identity, call.params.roomId),
  })),

  route(roomUpgrades.upgradeRoom, async (deps, { params, body, identity }) => {
    const { new_version: newVersion, additional_creators: additionalCreators = [] } = body
    const upgrade = { roomId: params.roomId, newVersion, additionalCreators }
    return { replacement_room: await upgradeRoom(deps, identity.userId, upgrade) }
  }),
  route(directory.setRoomAlias, async (deps, { params, body, identity }) => {
    await setAlias(deps, identity, params.roomAlias, body.room_id)
    return {}
  }),
  route(directory.getRoomAlias, async (deps, { params }) => ({
    room_id: await resolveAlias(deps, params.roomAlias),
    servers: [deps.keys.signing.server],
  })),
  route(directory.deleteRoomAlias, async (deps, { params, identity }) => {
    await deleteAlias(deps, identity, params.roomAlias)
    return {}
  }),
  route(directory.getRoomAliases, async (deps, { params, identity }) => ({
    aliases: await readAliases(deps, identity.userId, params.roomId),
  })),
  route(directory.getRoomVisibility, async (deps, { params, identity }) => ({
    visibility: await readVisibility(deps, identity, params.roomId),
  })),
  route(directory.setRoomVisibility, async (deps, { params, body, identity }) => {
    await setVisibility(deps, identity, params.roomId, body.visibility)
    return {}
  }),

  route(events.sendEvent, async (deps, call) => {
    const { roomId, eventType: type, txnId } = call.params
    const delayMs = call.query[delayName]
    if (delayMs !== undefined) return delayed(deps, call.identity, { roomId, type, txnId, content: call.body, delayMs })
    const message = { roomId, type, content: call.body, txnId, saidAt: saidAtIn(call) }
    return { event_id: await sendMessage(deps, call.identity, message) }
  }),
  route(events.redactEvent, async (deps, call) => {
    const { roomId, eventId: target, txnId } = call.params
    const { reason } = call.body
    return { event_id: await redactEvent(deps, call.identity, { roomId, target, reason, txnId }) }
  }),
  route(events.sendStateEvent, (deps, call) => putState(deps, call, call.params.stateKey)),
  route(events.sendStateEventEmptyKey, (deps, call) => putState(deps, call, '')),
  route(events.sendStateEventTrailingSlash, (deps, call) => putState(deps, call, '')),
  route(events.getStateEvent, (deps, call) => getState(deps, call, call.params.stateKey)),
  route(events.getStateEventEmptyKey, (deps, call) => getState(deps, call, '')),
  route(events.getStateEventTrailingSlash, (deps, call) => getState(deps, call, '')),
  route(
    events.getState,
    async (deps, call) => new RawJson(await readStateText(deps, call.identity, call.params.roomId)),
  ),
  route(events.getMessages, async (deps, call) => {
    const { from, to, dir, limit, filter } = call.query
    return new RawJson(
      await readMessages(deps, call.identity, { roomId: call.params.roomId, from, to, dir, limit, filter }),
    )
  }),
  route(events.getEvent, async (deps, call) => {
    const { roomId, eventId } = call.params
    return new RawJson(await readEvent(deps, call.identity, roomId, eventId))
  }),
  route(events.getEventByTimestamp, (deps, { params, query, identity }) =>
    readNearestEvent(deps, identity.userId, { ...params, ...query }),
  ),
  route(
    previews.getRoomInitialSync,
    async (deps, call) => new RawJson(await previewRoom(deps, call.identity, call.params.roomId)),
  ),
  route(previews.getRoomEvents, async (deps, { query, identity, signal }) => {
    const { room_id: roomId, from, timeout: timeoutMs } = query
    return new RawJson(await listenToRoom(deps, identity, { roomId, from, timeoutMs, signal }))
  }),
  route(events.getContext, async (deps, call) => {
    const { roomId, eventId } = call.params
    return new RawJson(
      await readContext(deps, call.identity, { roomId, eventId, limit: call.query.limit, filter: call.query.filter }),
    )
  }),

  route(relations.getRelatingEvents, getRelations),
  route(relations.getRelatingEventsWithRelType, getRelations),
  route(relations.getRelatingEventsWithRelTypeAndEventType, getRelations),
  route(
    relations.getThreadRoots,
    async (deps, call) => new RawJson(await readThreads(deps, call.identity, { ...call.query, ...call.params })),
  ),
]

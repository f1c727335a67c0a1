import { client, client1, textAt, type Scenario, type Scenarios } from '../stage.ts'

const inRoom = `${client}/rooms/{roomId}`
const unknownRoom = '!unknown:one.test'

/** Kicking, banning and unbanning are alike in how they are called and refused. */
const throwOut =
  (prepare: 'join' | 'ban'): Scenario =>
  async ({ pair, person, act }, call) => {
    const { ayse, mert, roomId } = await pair()
    const params = { roomId }
    const body = { user_id: mert.userId, reason: 'dinner is over' }
    if (prepare === 'ban') await act(`POST ${inRoom}/ban`, { as: ayse, params, body })
    await call('403 M_FORBIDDEN', { as: mert, params, body: { user_id: ayse.userId } })
    await call('403 M_FORBIDDEN', { as: await person(), params, body })
    await call(200, { as: ayse, params, body })
    await call('403 M_FORBIDDEN', { as: ayse, params: { roomId: unknownRoom }, body })
    await call('400 M_BAD_JSON', { as: ayse, params, body: { user_id: 1 } })
  }

/** Joining by id, and by id or alias. */
const join =
  (param: 'roomId' | 'roomIdOrAlias'): Scenario =>
  async ({ person, room }, call) => {
    const [ayse, mert] = [await person(), await person()]
    const open = await room(ayse, { preset: 'public_chat' })
    const closed = await room(ayse, { preset: 'private_chat' })
    await call(200, { as: mert, params: { [param]: open }, body: { reason: 'hungry' } })
    await call(200, { as: mert, params: { [param]: open }, body: {} })
    await call('403 M_FORBIDDEN', { as: mert, params: { [param]: closed }, body: {} })
    await call('403 M_FORBIDDEN', { as: mert, params: { [param]: unknownRoom }, body: {} })
    await call('400 M_INVALID_PARAM', { as: mert, params: { [param]: 'kitchen' }, body: {} })
  }

/** Creating, joining and leaving; aliases and the directory; spaces and what is seen from outside. */
export const rooms: Scenarios = {
  [`POST ${client}/createRoom`]: async ({ person, sync }, call) => {
    const [as, mert] = [await person(), await person()]
    const body = {
      visibility: 'public',
      room_alias_name: 'everything',
      name: 'Everything',
      topic: 'All at once',
      invite: [mert.userId],
      creation_content: { type: 'm.space' },
      initial_state: [{ type: 'm.room.encryption', content: { algorithm: 'm.megolm.v1.aes-sha2' } }],
      preset: 'trusted_private_chat',
      is_direct: true,
      power_level_content_override: { events_default: 10 },
    }
    await call(200, { as, body })
    await call('400 M_ROOM_IN_USE', { as, body })
    await call(200, { as, body: { room_version: '10', preset: 'public_chat' } })
    await call('400 M_UNSUPPORTED_ROOM_VERSION', { as, body: { room_version: 'unheard.of' } })
    await call('400 M_BAD_JSON', { as, body: { preset: 'unheard_of' } })
    await sync(as)
    await sync(mert)
  },
  [`POST ${inRoom}/join`]: join('roomId'),
  [`POST ${client}/join/{roomIdOrAlias}`]: join('roomIdOrAlias'),
  [`POST ${inRoom}/invite`]: async ({ pair, person, sync, act }, call) => {
    const { ayse, mert, roomId } = await pair()
    const params = { roomId }
    const guest = await person()
    await call(200, { as: ayse, params, body: { user_id: guest.userId, reason: 'cake' } })
    await call('403 M_FORBIDDEN', { as: ayse, params, body: { user_id: mert.userId } })
    await call('403 M_FORBIDDEN', { as: await person(), params, body: { user_id: guest.userId } })
    await call('400 M_BAD_JSON', { as: ayse, params, body: { user_id: 'nobody' } })
    const recluse = await person()
    const config = { userId: recluse.userId, type: 'm.invite_permission_config' }
    const block = { as: recluse, params: config, body: { default_action: 'block' } }
    await act(`PUT ${client}/user/{userId}/account_data/{type}`, block)
    await call('403 M_INVITE_BLOCKED', { as: ayse, params, body: { user_id: recluse.userId } })
    const address = { id_server: 'id.example', id_access_token: 'x', medium: 'email', address: 'a@mail.example' }
    await call('403 M_THREEPID_DENIED', { as: ayse, params, body: address })
    await sync(guest)
  },
  [`POST ${client}/knock/{roomIdOrAlias}`]: async ({ person, room, sync }, call) => {
    const [ayse, mert] = [await person(), await person()]
    const initial_state = [{ type: 'm.room.join_rules', content: { join_rule: 'knock' } }]
    const roomIdOrAlias = await room(ayse, { initial_state })
    const closed = await room(ayse, { preset: 'private_chat' })
    await call(200, { as: mert, params: { roomIdOrAlias }, body: { reason: 'It is me' } })
    await call('403 M_FORBIDDEN', { as: mert, params: { roomIdOrAlias: closed }, body: {} })
    await call('403 M_FORBIDDEN', { as: mert, params: { roomIdOrAlias: unknownRoom }, body: {} })
    await call('404 M_NOT_FOUND', { as: mert, params: { roomIdOrAlias: '#nowhere:one.test' }, body: {} })
    await sync(mert)
  },
  [`POST ${inRoom}/leave`]: async ({ pair, person, sync }, call) => {
    const { ayse, mert, roomId } = await pair()
    const { next_batch: since } = await sync(mert)
    await call('403 M_FORBIDDEN', { as: await person(), params: { roomId }, body: {} })
    await call(200, { as: mert, params: { roomId }, body: { reason: 'tired' } })
    await call('403 M_FORBIDDEN', { as: ayse, params: { roomId: unknownRoom }, body: {} })
    await sync(mert, String(since))
  },
  [`POST ${inRoom}/forget`]: async ({ pair, act }, call) => {
    const { mert: as, roomId } = await pair()
    await call('400 M_UNKNOWN', { as, params: { roomId }, body: {} })
    await act(`POST ${inRoom}/leave`, { as, params: { roomId }, body: {} })
    await call(200, { as, params: { roomId }, body: {} })
  },
  [`POST ${inRoom}/kick`]: throwOut('join'),
  [`POST ${inRoom}/ban`]: throwOut('join'),
  [`POST ${inRoom}/unban`]: throwOut('ban'),
  [`GET ${client}/joined_rooms`]: async ({ pair }, call) => {
    const { ayse: as } = await pair()
    await call(200, { as })
  },
  [`PUT ${client}/directory/room/{roomAlias}`]: async ({ pair, person }, call) => {
    const { ayse: as, roomId } = await pair()
    await call(200, { as, params: { roomAlias: '#kitchen:one.test' }, body: { room_id: roomId } })
    await call('409 M_UNKNOWN', { as, params: { roomAlias: '#kitchen:one.test' }, body: { room_id: roomId } })
    await call('400 M_INVALID_PARAM', { as, params: { roomAlias: 'kitchen' }, body: { room_id: roomId } })
    await call('400 M_BAD_JSON', { as, params: { roomAlias: '#b:one.test' }, body: { room_id: 1 } })
    const elsewhere = { roomAlias: '#kitchen:two.test' }
    await call('400 M_INVALID_PARAM', { as, params: elsewhere, body: { room_id: roomId } })
    const stranger = await person()
    await call('403 M_FORBIDDEN', { as: stranger, params: { roomAlias: '#c:one.test' }, body: { room_id: roomId } })
  },
  [`GET ${client}/directory/room/{roomAlias}`]: async ({ person, room }, call) => {
    await room(await person(), { room_alias_name: 'found' })
    await call(200, { params: { roomAlias: '#found:one.test' } })
    await call('404 M_NOT_FOUND', { params: { roomAlias: '#nowhere:one.test' } })
    await call('400 M_INVALID_PARAM', { params: { roomAlias: 'nowhere' } })
  },
  [`DELETE ${client}/directory/room/{roomAlias}`]: async ({ person, room }, call) => {
    const as = await person()
    await room(as, { room_alias_name: 'shortlived' })
    const params = { roomAlias: '#shortlived:one.test' }
    await call('403 M_FORBIDDEN', { as: await person(), params })
    await call(200, { as, params })
    await call('404 M_NOT_FOUND', { as, params })
  },
  [`GET ${inRoom}/aliases`]: async ({ pair, person, act }, call) => {
    const { ayse: as, roomId } = await pair()
    const params = { roomAlias: '#listed:one.test' }
    await act(`PUT ${client}/directory/room/{roomAlias}`, { as, params, body: { room_id: roomId } })
    await call(200, { as, params: { roomId } })
    await call('403 M_FORBIDDEN', { as: await person(), params: { roomId } })
    await call('400 M_INVALID_PARAM', { as, params: { roomId: 'kitchen' } })
  },
  [`PUT ${client}/directory/list/room/{roomId}`]: async ({ pair }, call) => {
    const { ayse: as, mert, roomId } = await pair()
    await call(200, { as, params: { roomId }, body: { visibility: 'public' } })
    await call('403 M_FORBIDDEN', { as: mert, params: { roomId }, body: { visibility: 'private' } })
    await call('403 M_FORBIDDEN', { as, params: { roomId: unknownRoom }, body: { visibility: 'public' } })
    await call('400 M_BAD_JSON', { as, params: { roomId }, body: { visibility: 'secret' } })
  },
  [`GET ${client}/directory/list/room/{roomId}`]: async ({ person, room }, call) => {
    const roomId = await room(await person(), { visibility: 'public' })
    await call(200, { params: { roomId } })
    await call('404 M_NOT_FOUND', { params: { roomId: unknownRoom } })
  },
  [`GET ${client}/publicRooms`]: async ({ person, room }, call) => {
    const as = await person()
    for (const name of ['One', 'Two']) await room(as, { visibility: 'public', preset: 'public_chat', name })
    const first = await call(200, { query: { limit: '1' } })
    await call(200, { query: { limit: '1', since: textAt(first, 'next_batch') } })
    await call('400 M_INVALID_PARAM', { query: { limit: 'many' } })
  },
  [`POST ${client}/publicRooms`]: async ({ person, room }, call) => {
    const as = await person()
    await room(as, { visibility: 'public', preset: 'public_chat', name: 'Sought', room_alias_name: 'sought' })
    await call(200, { as, body: { limit: 5, filter: { generic_search_term: 'sought', room_types: [null] } } })
    await call('400 M_BAD_JSON', { as, body: { limit: 'many' } })
  },
  [`GET ${client1}/room_summary/{roomIdOrAlias}`]: async ({ person, room }, call) => {
    const as = await person()
    const open = await room(as, { preset: 'public_chat', name: 'Open', room_alias_name: 'summarised' })
    const closed = await room(as, { preset: 'private_chat' })
    await call(200, { as, params: { roomIdOrAlias: open } })
    await call(200, { params: { roomIdOrAlias: '#summarised:one.test' } })
    await call(200, { as, params: { roomIdOrAlias: closed } })
    await call('404 M_NOT_FOUND', { as: await person(), params: { roomIdOrAlias: closed } })
    await call('404 M_NOT_FOUND', { as, params: { roomIdOrAlias: unknownRoom } })
  },
  [`GET ${client1}/rooms/{roomId}/hierarchy`]: async ({ person, room, act }, call) => {
    const as = await person()
    const roomId = await room(as, { creation_content: { type: 'm.space' }, name: 'Family' })
    const child = await room(as, { preset: 'public_chat', name: 'Child' })
    const params = { roomId, eventType: 'm.space.child', stateKey: child }
    await act(`PUT ${inRoom}/state/{eventType}/{stateKey}`, { as, params, body: { via: ['one.test'] } })
    await call(200, { as, params: { roomId } })
    await call(200, { as, params: { roomId }, query: { max_depth: '1', suggested_only: 'true' } })
    const page = await call(200, { as, params: { roomId }, query: { limit: '1' } })
    await call(200, { as, params: { roomId }, query: { limit: '1', from: textAt(page, 'next_batch') } })
    await call('400 M_INVALID_PARAM', { as, params: { roomId }, query: { from: 'nowhere' } })
    await call('403 M_FORBIDDEN', { as: await person(), params: { roomId } })
    await call('403 M_FORBIDDEN', { as, params: { roomId: unknownRoom } })
  },
  [`POST ${inRoom}/upgrade`]: async ({ pair, sync }, call) => {
    const { ayse, mert, roomId } = await pair()
    const params = { roomId }
    await call('403 M_FORBIDDEN', { as: mert, params, body: { new_version: '12' } })
    await call('400 M_UNSUPPORTED_ROOM_VERSION', { as: ayse, params, body: { new_version: 'unheard.of' } })
    await call(200, { as: ayse, params, body: { new_version: '12', additional_creators: [mert.userId] } })
    await sync(ayse)
    await sync(mert)
  },
  [`POST ${inRoom}/report`]: async ({ pair, person }, call) => {
    const { mert: as, roomId } = await pair()
    await call(200, { as, params: { roomId }, body: { reason: 'too loud' } })
    await call(200, { as: await person(), params: { roomId }, body: { reason: 'too loud' } })
    await call('400 M_BAD_JSON', { as, params: { roomId }, body: { reason: 1 } })
  },
  [`POST ${inRoom}/report/{eventId}`]: async ({ pair, person, say }, call) => {
    const { ayse, mert, roomId } = await pair()
    const eventId = await say(ayse, roomId)
    await call(200, { as: mert, params: { roomId, eventId }, body: { reason: 'rude' } })
    await call('404 M_NOT_FOUND', { as: mert, params: { roomId, eventId: '$none' }, body: {} })
    await call('404 M_NOT_FOUND', { as: await person(), params: { roomId, eventId }, body: {} })
  },
  [`POST ${client}/users/{userId}/report`]: async ({ person, admin }, call) => {
    const as = await person()
    await call(200, { as, params: { userId: admin.userId }, body: { reason: 'rude' } })
    await call('400 M_BAD_JSON', { as, params: { userId: admin.userId }, body: { reason: 1 } })
  },
}

import { client, client1, textAt, type Scenario, type Scenarios, type Stage } from '../stage.ts'

const rooms = `${client}/rooms/{roomId}`
const topic = { eventType: 'm.room.topic', stateKey: '' }

/** Readers of a whole room: a member may, a stranger may not. */
const membersOnly =
  (queries: readonly Record<string, string>[] = [{}]): Scenario =>
  async ({ pair, person, say }, call) => {
    const { ayse: as, roomId } = await pair()
    await say(as, roomId)
    for (const query of queries) await call(200, { as, params: { roomId }, query })
    const query = queries[0]!
    await call('403 M_FORBIDDEN', { as: await person(), params: { roomId }, query })
    await call('403 M_FORBIDDEN', { as, params: { roomId: '!unknown:one.test' }, query })
    await call('400 M_INVALID_PARAM', { as, params: { roomId: 'kitchen' }, query })
  }

/** A message with a reply in a thread, and a reaction to it. */
async function threadOf({ pair, say, act }: Stage) {
  const { ayse, mert, roomId } = await pair()
  const eventId = await say(ayse, roomId)
  await say(mert, roomId, {
    msgtype: 'm.text',
    body: 'Coming',
    'm.relates_to': { rel_type: 'm.thread', event_id: eventId },
  })
  const params = { roomId, eventType: 'm.reaction', txnId: 'reaction' }
  const body = { 'm.relates_to': { rel_type: 'm.annotation', event_id: eventId, key: '👍' } }
  await act(`PUT ${rooms}/send/{eventType}/{txnId}`, { as: mert, params, body })
  await say(ayse, roomId, {
    msgtype: 'm.text',
    body: '* The stew is ready',
    'm.new_content': { msgtype: 'm.text', body: 'The stew is ready' },
    'm.relates_to': { rel_type: 'm.replace', event_id: eventId },
  })
  return { ayse, mert, roomId, eventId }
}

const relations =
  (more: Record<string, string>): Scenario =>
  async (stage, call) => {
    const { ayse: as, roomId, eventId } = await threadOf(stage)
    const params = { roomId, eventId, ...more }
    await call(200, { as, params })
    await call(200, { as, params, query: { dir: 'f', limit: '1', recurse: 'true' } })
    await call('404 M_NOT_FOUND', { as, params: { ...params, eventId: '$none' } })
    await call('404 M_NOT_FOUND', { as: await stage.person(), params })
    await call('400 M_INVALID_PARAM', { as, params, query: { dir: 'sideways' } })
  }

/** Sending, reading and marking. */
export const events: Scenarios = {
  [`PUT ${rooms}/send/{eventType}/{txnId}`]: async ({ pair, person }, call) => {
    const { ayse: as, roomId } = await pair()
    const params = { roomId, eventType: 'm.room.message', txnId: '1' }
    const body = { msgtype: 'm.text', body: 'Hello' }
    const first = await call(200, { as, params, body })
    const again = await call(200, { as, params, body })
    if (first['event_id'] !== again['event_id']) throw new Error('one transaction made two events')
    await call('403 M_FORBIDDEN', { as: await person(), params, body })
    await call('413 M_TOO_LARGE', {
      as,
      params: { ...params, txnId: '2' },
      body: { ...body, body: 'x'.repeat(70_000) },
    })
    await call('400 M_BAD_JSON', { as, params: { ...params, txnId: '3' }, body: { ...body, n: 1.5 } })
  },
  [`PUT ${rooms}/state/{eventType}/{stateKey}`]: async ({ pair, person }, call) => {
    const { ayse: as, mert, roomId } = await pair()
    const params = { roomId, ...topic }
    await call(200, { as, params, body: { topic: 'Soup' } })
    await call(200, { as, params: { ...params, eventType: 'm.room.name' }, body: { name: 'Soup' } })
    await call('403 M_FORBIDDEN', { as: mert, params, body: { topic: 'Stew' } })
    await call('403 M_FORBIDDEN', { as: await person(), params, body: { topic: 'Stew' } })
    const alias = { ...params, eventType: 'm.room.canonical_alias' }
    await call('400 M_BAD_ALIAS', { as, params: alias, body: { alias: '#nowhere:one.test' } })
    await call('400 M_INVALID_PARAM', { as, params: alias, body: { alias: 'nowhere' } })
  },
  [`GET ${rooms}/state/{eventType}/{stateKey}`]: async ({ pair, person, act }, call) => {
    const { ayse: as, roomId } = await pair()
    const params = { roomId, ...topic }
    await act(`PUT ${rooms}/state/{eventType}/{stateKey}`, { as, params, body: { topic: 'Soup' } })
    await call(200, { as, params })
    await call(200, { as, params, query: { format: 'event' } })
    await call('404 M_NOT_FOUND', { as, params: { ...params, stateKey: 'none' } })
    await call('403 M_FORBIDDEN', { as: await person(), params })
  },
  [`GET ${rooms}/state`]: membersOnly(),
  [`GET ${rooms}/members`]: membersOnly([{}, { membership: 'join' }, { not_membership: 'join' }]),
  [`GET ${rooms}/joined_members`]: membersOnly(),
  [`GET ${rooms}/messages`]: membersOnly([
    { dir: 'b', limit: '3' },
    { dir: 'f' },
    { dir: 'b', filter: '{"types":["m.*"]}' },
  ]),
  [`GET ${rooms}/initialSync`]: membersOnly(),
  [`GET ${rooms}/event/{eventId}`]: async (stage, call) => {
    const { ayse: as, roomId, eventId } = await threadOf(stage)
    await call(200, { as, params: { roomId, eventId } })
    await call('404 M_NOT_FOUND', { as, params: { roomId, eventId: '$none' } })
    await call('404 M_NOT_FOUND', { as: await stage.person(), params: { roomId, eventId } })
  },
  [`GET ${rooms}/context/{eventId}`]: async (stage, call) => {
    const { ayse: as, roomId, eventId } = await threadOf(stage)
    await call(200, { as, params: { roomId, eventId }, query: { limit: '4' } })
    await call('404 M_NOT_FOUND', { as, params: { roomId, eventId: '$none' } })
    await call('404 M_NOT_FOUND', { as: await stage.person(), params: { roomId, eventId } })
  },
  [`GET ${client1}/rooms/{roomId}/timestamp_to_event`]: async ({ pair, person }, call) => {
    const { ayse: as, roomId } = await pair()
    await call(200, { as, params: { roomId }, query: { ts: '0', dir: 'f' } })
    await call('404 M_NOT_FOUND', { as, params: { roomId }, query: { ts: '0', dir: 'b' } })
    await call('403 M_FORBIDDEN', { as: await person(), params: { roomId }, query: { ts: '0', dir: 'f' } })
    await call('400 M_INVALID_PARAM', { as, params: { roomId }, query: { ts: 'now', dir: 'f' } })
  },
  [`GET ${client1}/rooms/{roomId}/relations/{eventId}`]: relations({}),
  [`GET ${client1}/rooms/{roomId}/relations/{eventId}/{relType}`]: relations({ relType: 'm.thread' }),
  [`GET ${client1}/rooms/{roomId}/relations/{eventId}/{relType}/{eventType}`]: relations({
    relType: 'm.annotation',
    eventType: 'm.reaction',
  }),
  [`GET ${client1}/rooms/{roomId}/threads`]: async (stage, call) => {
    const { ayse: as, roomId } = await threadOf(stage)
    await call(200, { as, params: { roomId } })
    await call(200, { as, params: { roomId }, query: { include: 'participated', limit: '1' } })
    await call('403 M_FORBIDDEN', { as: await stage.person(), params: { roomId } })
    await call('400 M_INVALID_PARAM', { as, params: { roomId }, query: { limit: 'many' } })
  },
  [`PUT ${rooms}/redact/{eventId}/{txnId}`]: async ({ pair, person, say, sync }, call) => {
    const { ayse: as, mert, roomId } = await pair()
    const eventId = await say(as, roomId)
    const params = { roomId, eventId, txnId: '1' }
    await call('403 M_FORBIDDEN', { as: mert, params, body: {} })
    await call('403 M_FORBIDDEN', { as: await person(), params, body: {} })
    await call(200, { as, params, body: { reason: 'cold' } })
    await call('404 M_NOT_FOUND', { as, params: { ...params, eventId: '$none', txnId: '2' }, body: {} })
    await sync(mert)
  },
  [`PUT ${rooms}/typing/{userId}`]: async ({ pair, person, sync }, call) => {
    const { ayse: as, mert, roomId } = await pair()
    const params = { roomId, userId: as.userId }
    await call(200, { as, params, body: { typing: true, timeout: 20_000 } })
    await sync(mert)
    await call(200, { as, params, body: { typing: false } })
    await call('403 M_FORBIDDEN', { as: mert, params, body: { typing: true } })
    const stranger = await person()
    await call('403 M_FORBIDDEN', { as: stranger, params: { roomId, userId: stranger.userId }, body: { typing: true } })
    await call('400 M_BAD_JSON', { as, params, body: { typing: 'yes' } })
  },
  [`POST ${rooms}/receipt/{receiptType}/{eventId}`]: async (stage, call) => {
    const { ayse, mert: as, roomId, eventId } = await threadOf(stage)
    const params = { roomId, eventId, receiptType: 'm.read' }
    await call(200, { as, params, body: { thread_id: 'main' } })
    await call(200, { as, params: { ...params, receiptType: 'm.read.private' }, body: {} })
    await call(200, { as, params: { ...params, receiptType: 'm.fully_read' }, body: {} })
    await call('400 M_INVALID_PARAM', { as, params: { ...params, receiptType: 'm.unheard' }, body: {} })
    await call('400 M_INVALID_PARAM', { as, params, body: { thread_id: '' } })
    await stage.sync(ayse)
    await stage.sync(as)
  },
  [`POST ${rooms}/read_markers`]: async ({ pair, person, say, sync }, call) => {
    const { ayse, mert: as, roomId } = await pair()
    const eventId = await say(ayse, roomId)
    const body = { 'm.fully_read': eventId, 'm.read': eventId }
    await call(200, { as, params: { roomId }, body })
    await call('403 M_FORBIDDEN', { as: await person(), params: { roomId }, body })
    await call('400 M_BAD_JSON', { as, params: { roomId }, body: { 'm.read': 1 } })
    await sync(as)
  },
  [`GET ${client}/sync`]: async ({ pair, person, say, act }, call) => {
    const { ayse, mert: as, roomId } = await pair()
    const first = await call(200, { as, query: { timeout: '0', set_presence: 'offline' } })
    const since = textAt(first, 'next_batch')
    await say(ayse, roomId)
    await call(200, { as, query: { since, timeout: '1000' } })
    await call(200, { as, query: { since, full_state: 'true', use_state_after: 'true' } })
    const filter = JSON.stringify({ room: { timeline: { limit: 1, unread_thread_notifications: true } } })
    await call(200, { as, query: { since, filter } })
    await act(`POST ${rooms}/leave`, { as, params: { roomId }, body: {} })
    await call(200, { as, query: { since, filter: '{"room":{"include_leave":true}}' } })
    await call(200, { as: await person(), query: { timeout: '0' } })
    await call('400 M_INVALID_PARAM', { as, query: { filter: '{"room":' } })
    await call('400 M_INVALID_PARAM', { as, query: { since: 'yesterday' } })
  },
  [`GET ${client}/events`]: async ({ person, room }, call) => {
    const as = await person()
    const initial_state = [{ type: 'm.room.history_visibility', content: { history_visibility: 'world_readable' } }]
    const room_id = await room(as, { preset: 'public_chat', initial_state })
    await call(200, { as: await person(), query: { room_id, timeout: '0' } })
    await call('400 M_MISSING_PARAM', { as, query: {} })
  },
  [`POST ${client}/search`]: async ({ pair, say }, call) => {
    const { ayse: as, roomId } = await pair()
    await say(as, roomId)
    const event_context = { before_limit: 1, after_limit: 1, include_profile: true }
    const groupings = { group_by: [{ key: 'room_id' }, { key: 'sender' }] }
    const room_events = { search_term: 'soup', event_context, groupings, include_state: true }
    await call(200, { as, body: { search_categories: { room_events } } })
    await call(200, { as, body: { search_categories: {} } })
    await call('400 M_BAD_JSON', { as, body: { search_categories: { room_events: { search_term: 1 } } } })
  },
}

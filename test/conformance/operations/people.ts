import { client, client1, type Scenarios } from '../stage.ts'

const account = `${client}/user/{userId}`

/** Profiles, presence, account data, tags, filters, moderation. */
export const people: Scenarios = {
  [`PUT ${client}/profile/{userId}/{keyName}`]: async ({ person, admin }, call) => {
    const as = await person()
    const { userId } = as
    await call(200, { as, params: { userId, keyName: 'displayname' }, body: { displayname: 'Ayşe' } })
    await call(200, { as, params: { userId, keyName: 'avatar_url' }, body: { avatar_url: 'mxc://one.test/a' } })
    await call(200, { as, params: { userId, keyName: 'm.tz' }, body: { 'm.tz': 'Europe/Istanbul' } })
    const theirs = { userId: admin.userId, keyName: 'displayname' }
    await call('403 M_FORBIDDEN', { as, params: theirs, body: { displayname: 'x' } })
    await call('400 M_MISSING_PARAM', { as, params: { userId, keyName: 'm.tz' }, body: {} })
    const long = `m.${'x'.repeat(300)}`
    await call('400 M_KEY_TOO_LARGE', { as, params: { userId, keyName: long }, body: { [long]: 1 } })
    const large = { 'm.large': 'x'.repeat(70_000) }
    await call('400 M_PROFILE_TOO_LARGE', { as, params: { userId, keyName: 'm.large' }, body: large })
  },
  [`GET ${client}/profile/{userId}/{keyName}`]: async ({ person, act }, call) => {
    const as = await person()
    const params = { userId: as.userId, keyName: 'displayname' }
    await act(`PUT ${client}/profile/{userId}/{keyName}`, { as, params, body: { displayname: 'Ayşe' } })
    await call(200, { params })
    await call('404 M_NOT_FOUND', { params: { ...params, keyName: 'm.tz' } })
    await call('404 M_NOT_FOUND', { params: { ...params, userId: '@nobody:one.test' } })
  },
  [`DELETE ${client}/profile/{userId}/{keyName}`]: async ({ person, admin, act }, call) => {
    const as = await person()
    const params = { userId: as.userId, keyName: 'm.tz' }
    await act(`PUT ${client}/profile/{userId}/{keyName}`, { as, params, body: { 'm.tz': 'Europe/Istanbul' } })
    await call(200, { as, params })
    await call('403 M_FORBIDDEN', { as, params: { ...params, userId: admin.userId } })
  },
  [`GET ${client}/profile/{userId}`]: async ({ person, act }, call) => {
    const as = await person()
    const params = { userId: as.userId, keyName: 'displayname' }
    await act(`PUT ${client}/profile/{userId}/{keyName}`, { as, params, body: { displayname: 'Ayşe' } })
    await call(200, { params: { userId: as.userId } })
    await call('404 M_NOT_FOUND', { params: { userId: '@nobody:one.test' } })
  },
  [`POST ${client}/user_directory/search`]: async ({ pair }, call) => {
    const { ayse: as } = await pair()
    await call(200, { as, body: { search_term: 'mert', limit: 1 } })
    await call('400 M_BAD_JSON', { as, body: { search_term: 1 } })
  },
  [`PUT ${client}/presence/{userId}/status`]: async ({ person, admin }, call) => {
    const as = await person()
    const params = { userId: as.userId }
    await call(200, { as, params, body: { presence: 'online', status_msg: 'In the kitchen' } })
    await call('400 M_BAD_JSON', { as, params, body: { presence: 'asleep' } })
    await call('403 M_FORBIDDEN', { as, params: { userId: admin.userId }, body: { presence: 'online' } })
  },
  [`GET ${client}/presence/{userId}/status`]: async ({ pair, person, act, sync }, call) => {
    const { ayse, mert } = await pair()
    const body = { presence: 'unavailable', status_msg: 'In the kitchen' }
    await act(`PUT ${client}/presence/{userId}/status`, { as: mert, params: { userId: mert.userId }, body })
    await call(200, { as: ayse, params: { userId: mert.userId } })
    await sync(ayse)
    await call('403 M_FORBIDDEN', { as: await person(), params: { userId: mert.userId } })
  },
  [`PUT ${account}/account_data/{type}`]: async ({ person, admin, sync }, call) => {
    const as = await person()
    const { userId } = as
    await call(200, { as, params: { userId, type: 'org.example.a' }, body: { a: 1 } })
    const ignored = { ignored_users: { [admin.userId]: {} } }
    await call(200, { as, params: { userId, type: 'm.ignored_user_list' }, body: ignored })
    await call(200, { as, params: { userId, type: 'm.invite_permission_config' }, body: { default_action: 'block' } })
    const direct = { [admin.userId]: ['!a:one.test'] }
    await call(200, { as, params: { userId, type: 'm.direct' }, body: direct })
    await call('405 M_BAD_JSON', { as, params: { userId, type: 'm.push_rules' }, body: {} })
    await call('403 M_FORBIDDEN', { as, params: { userId: admin.userId, type: 'm.a' }, body: {} })
    await sync(as)
  },
  [`GET ${account}/account_data/{type}`]: async ({ person, admin, act }, call) => {
    const as = await person()
    const params = { userId: as.userId, type: 'org.example.a' }
    await act(`PUT ${account}/account_data/{type}`, { as, params, body: { a: 1 } })
    await call(200, { as, params })
    await call('404 M_NOT_FOUND', { as, params: { ...params, type: 'org.example.b' } })
    await call('403 M_FORBIDDEN', { as, params: { ...params, userId: admin.userId } })
  },
  [`PUT ${account}/rooms/{roomId}/account_data/{type}`]: async ({ pair }, call) => {
    const { ayse: as, mert, roomId } = await pair()
    const params = { userId: as.userId, roomId, type: 'm.marked_unread' }
    await call(200, { as, params, body: { unread: true } })
    await call('405 M_BAD_JSON', { as, params: { ...params, type: 'm.fully_read' }, body: {} })
    await call('403 M_FORBIDDEN', { as, params: { ...params, userId: mert.userId }, body: {} })
    await call('400 M_INVALID_PARAM', { as, params: { ...params, roomId: 'kitchen' }, body: {} })
  },
  [`GET ${account}/rooms/{roomId}/account_data/{type}`]: async ({ pair, act, sync }, call) => {
    const { ayse: as, mert, roomId } = await pair()
    const params = { userId: as.userId, roomId, type: 'm.marked_unread' }
    await act(`PUT ${account}/rooms/{roomId}/account_data/{type}`, { as, params, body: { unread: true } })
    await sync(as)
    await call(200, { as, params })
    await call('404 M_NOT_FOUND', { as, params: { ...params, type: 'm.none' } })
    await call('403 M_FORBIDDEN', { as, params: { ...params, userId: mert.userId } })
    await call('400 M_INVALID_PARAM', { as, params: { ...params, roomId: 'kitchen' } })
  },
  [`PUT ${account}/rooms/{roomId}/tags/{tag}`]: async ({ pair, sync }, call) => {
    const { ayse: as, mert, roomId } = await pair()
    const params = { userId: as.userId, roomId, tag: 'm.favourite' }
    await call(200, { as, params, body: { order: 0.25 } })
    await call('403 M_FORBIDDEN', { as, params: { ...params, userId: mert.userId }, body: {} })
    await sync(as)
  },
  [`GET ${account}/rooms/{roomId}/tags`]: async ({ pair, act }, call) => {
    const { ayse: as, mert, roomId } = await pair()
    const params = { userId: as.userId, roomId }
    await call(200, { as, params })
    await act(`PUT ${account}/rooms/{roomId}/tags/{tag}`, { as, params: { ...params, tag: 'u.a' }, body: { order: 1 } })
    await call(200, { as, params })
    await call('403 M_FORBIDDEN', { as, params: { ...params, userId: mert.userId } })
  },
  [`DELETE ${account}/rooms/{roomId}/tags/{tag}`]: async ({ pair, act }, call) => {
    const { ayse: as, mert, roomId } = await pair()
    const params = { userId: as.userId, roomId, tag: 'm.favourite' }
    await act(`PUT ${account}/rooms/{roomId}/tags/{tag}`, { as, params, body: { order: 0.5 } })
    await call(200, { as, params })
    await call('403 M_FORBIDDEN', { as, params: { ...params, userId: mert.userId } })
  },
  [`POST ${account}/filter`]: async ({ person, admin }, call) => {
    const as = await person()
    const params = { userId: as.userId }
    await call(200, { as, params, body: { room: { timeline: { limit: 5 } } } })
    await call('400 M_BAD_JSON', { as, params, body: { room: 'all' } })
    await call('403 M_FORBIDDEN', { as, params: { userId: admin.userId }, body: {} })
  },
  [`GET ${account}/filter/{filterId}`]: async ({ person, act }, call) => {
    const as = await person()
    const params = { userId: as.userId }
    const body = { room: { timeline: { limit: 5, types: ['m.*'] } }, event_fields: ['content'] }
    const made = await act(`POST ${account}/filter`, { as, params, body })
    await call(200, { as, params: { ...params, filterId: String(made['filter_id']) } })
    await call('404 M_NOT_FOUND', { as, params: { ...params, filterId: '999999' } })
  },
  [`GET ${client1}/mutual_rooms`]: async ({ pair }, call) => {
    const { ayse: as, mert } = await pair()
    await call(200, { as, query: { user_id: mert.userId } })
    await call('400 M_INVALID_PARAM', { as, query: { user_id: as.userId } })
    await call('400 M_MISSING_PARAM', { as, query: {} })
  },
  [`GET ${client}/admin/whois/{userId}`]: async ({ person, admin }, call) => {
    const as = await person()
    await call(200, { as: admin, params: { userId: as.userId } })
    await call(200, { as, params: { userId: as.userId } })
    await call('403 M_FORBIDDEN', { as, params: { userId: admin.userId } })
  },
  ...moderationOf('suspend', 'suspended'),
  ...moderationOf('lock', 'locked'),
}

function moderationOf(verb: string, field: string): Scenarios {
  const path = `${client1}/admin/${verb}/{userId}`
  return {
    [`GET ${path}`]: async ({ person, admin }, call) => {
      const who = await person()
      await call(200, { as: admin, params: { userId: who.userId } })
      await call('403 M_FORBIDDEN', { as: who, params: { userId: who.userId } })
      await call('404 M_NOT_FOUND', { as: admin, params: { userId: '@nobody:one.test' } })
    },
    [`PUT ${path}`]: async ({ person, admin }, call) => {
      const who = await person()
      const params = { userId: who.userId }
      await call(200, { as: admin, params, body: { [field]: true } })
      await call(200, { as: admin, params, body: { [field]: false } })
      await call('403 M_FORBIDDEN', { as: who, params, body: { [field]: true } })
      await call('404 M_NOT_FOUND', { as: admin, params: { userId: '@nobody:one.test' }, body: { [field]: true } })
      await call('400 M_BAD_JSON', { as: admin, params, body: { [field]: 'yes' } })
    },
  }
}

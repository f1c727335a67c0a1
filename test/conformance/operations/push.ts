import { client, type Scenario, type Scenarios, type Stage } from '../stage.ts'

const rules = `${client}/pushrules/global/{kind}/{ruleId}`
const master = { kind: 'override', ruleId: '.m.rule.master' }
const cake = { kind: 'content', ruleId: 'cake' }
const none = { kind: 'content', ruleId: 'none' }

async function withRule({ person, act }: Stage) {
  const as = await person()
  await act(`PUT ${rules}`, { as, params: cake, body: { pattern: 'cake', actions: ['notify'] } })
  return as
}

const readRule: Scenario = async (stage, call) => {
  const as = await withRule(stage)
  await call(200, { as, params: cake })
  await call(200, { as, params: master })
  await call('404 M_NOT_FOUND', { as, params: none })
}

const changeRule =
  (body: object): Scenario =>
  async (stage, call) => {
    const as = await withRule(stage)
    await call(200, { as, params: cake, body })
    await call(200, { as, params: master, body })
    await call('404 M_NOT_FOUND', { as, params: none, body })
    await call('400 M_BAD_JSON', { as, params: cake, body: { enabled: 'yes', actions: 'all' } })
    await stage.sync(as)
  }

/** Push rules, pushers, notifications. */
export const push: Scenarios = {
  [`GET ${client}/pushrules/`]: ({ admin: as }, call) => call(200, { as }),
  [`GET ${client}/pushrules/global/`]: ({ admin: as }, call) => call(200, { as }),
  [`GET ${rules}`]: readRule,
  [`GET ${rules}/enabled`]: readRule,
  [`GET ${rules}/actions`]: readRule,
  [`PUT ${rules}/enabled`]: changeRule({ enabled: false }),
  [`PUT ${rules}/actions`]: changeRule({ actions: ['notify', { set_tweak: 'highlight' }] }),
  [`PUT ${rules}`]: async (stage, call) => {
    const as = await withRule(stage)
    const tea = { kind: 'content', ruleId: 'tea' }
    await call(200, { as, params: tea, query: { before: 'cake' }, body: { pattern: 'tea', actions: ['notify'] } })
    const conditions = [{ kind: 'event_match', key: 'content.body', pattern: 'soup' }]
    await call(200, { as, params: { kind: 'override', ruleId: 'soup' }, body: { conditions, actions: [] } })
    await call('400 M_INVALID_PARAM', {
      as,
      params: { ...cake, ruleId: '.m.mine' },
      body: { pattern: 'a', actions: [] },
    })
    const astray = { as, params: tea, query: { after: 'none' }, body: { pattern: 'tea', actions: [] } }
    await call('400 M_UNKNOWN', astray)
    await call('400 M_INVALID_PARAM', { ...astray, params: { kind: 'none', ruleId: 'tea' } })
  },
  [`DELETE ${rules}`]: async (stage, call) => {
    const as = await withRule(stage)
    await call(200, { as, params: cake })
    await call('404 M_NOT_FOUND', { as, params: cake })
  },
  [`GET ${client}/pushers`]: async ({ person, act }, call) => {
    const as = await person()
    await act(`POST ${client}/pushers/set`, { as, body: pusher })
    await call(200, { as })
  },
  [`POST ${client}/pushers/set`]: async ({ person }, call) => {
    const as = await person()
    await call(200, { as, body: pusher })
    await call(200, { as, body: { pushkey: 'a key', app_id: 'org.example.app', kind: null } })
    await call('400 M_MISSING_PARAM', { as, body: { pushkey: 'a key', app_id: 'org.example.app', kind: 'http' } })
    await call('400 M_BAD_JSON', { as, body: { ...pusher, pushkey: 1 } })
  },
  [`GET ${client}/notifications`]: async ({ pair, say }, call) => {
    const { ayse, mert: as, roomId } = await pair()
    await say(ayse, roomId)
    await say(ayse, roomId, { msgtype: 'm.text', body: 'Mert?', 'm.mentions': { user_ids: [as.userId] } })
    await call(200, { as, query: { limit: '5' } })
    await call(200, { as, query: { only: 'highlight' } })
    await call('400 M_INVALID_PARAM', { as, query: { limit: 'many' } })
  },
}

const pusher = {
  pushkey: 'a key',
  kind: 'http',
  app_id: 'org.example.app',
  app_display_name: 'App',
  device_display_name: 'Phone',
  lang: 'tr',
  data: { url: 'https://push.example/_matrix/push/v1/notify', format: 'event_id_only' },
}

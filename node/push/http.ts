import { getNotifications } from '#spec/api/client/notifications.ts'
import * as api from '#spec/api/client/push-rules.ts'
import { getPushers, setPusher as setPusherEndpoint } from '#spec/api/client/pushers.ts'
import { deleteRule, enableRule, findRule, putRule, setRuleActions } from '#spec/push/change-rules.ts'
import { RawJson, route, type Route } from '#node/http/route.ts'
import { listNotifications } from './list-notifications.ts'
import { listPushers, setPusher } from './pushers/set-pusher.ts'
import { changeRules, readRules } from './rules.ts'

export const routes: readonly Route[] = [
  route(
    api.getPushRules,
    async (deps, { identity }) => new RawJson(JSON.stringify({ global: await readRules(deps, identity.userId) })),
  ),
  route(
    api.getGlobalPushRules,
    async (deps, { identity }) => new RawJson(JSON.stringify(await readRules(deps, identity.userId))),
  ),
  route(api.getPushRule, async (deps, { identity, params: { kind, ruleId } }) => {
    return new RawJson(JSON.stringify(findRule(await readRules(deps, identity.userId), kind, ruleId)))
  }),
  route(api.setPushRule, async (deps, { identity, params: { kind, ruleId }, query, body }) => {
    await changeRules(deps, identity.userId, (ruleset) => putRule(ruleset, { kind, ruleId, body, ...query }))
    return {}
  }),
  route(api.deletePushRule, async (deps, { identity, params: { kind, ruleId } }) => {
    await changeRules(deps, identity.userId, (ruleset) => deleteRule(ruleset, kind, ruleId))
    return {}
  }),
  route(api.isPushRuleEnabled, async (deps, { identity, params: { kind, ruleId } }) => ({
    enabled: findRule(await readRules(deps, identity.userId), kind, ruleId).enabled,
  })),
  route(api.setPushRuleEnabled, async (deps, { identity, params: { kind, ruleId }, body }) => {
    await changeRules(deps, identity.userId, (ruleset) => enableRule(ruleset, kind, ruleId, body.enabled))
    return {}
  }),
  route(api.getPushRuleActions, async (deps, { identity, params: { kind, ruleId } }) => {
    const { actions } = findRule(await readRules(deps, identity.userId), kind, ruleId)
    return new RawJson(JSON.stringify({ actions }))
  }),
  route(api.setPushRuleActions, async (deps, { identity, params: { kind, ruleId }, body }) => {
    await changeRules(deps, identity.userId, (ruleset) => setRuleActions(ruleset, kind, ruleId, body.actions))
    return {}
  }),
  route(
    getNotifications,
    async (deps, { identity, query }) => new RawJson(await listNotifications(deps, identity, query)),
  ),
  route(getPushers, async (deps, { identity }) => ({ pushers: await listPushers(deps, identity) })),
  route(setPusherEndpoint, async (deps, { identity, body }) => {
    await setPusher(deps, identity, body)
    return {}
  }),
]

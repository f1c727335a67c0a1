import { getGlobalPushRules, getPushRules } from '#spec/api/client/push-rules.ts'
import { predefinedRules } from '#spec/push/predefined-rules.ts'
import { RawJson, route, type Route } from '#node/http/route.ts'

/** Nobody can change their rules yet, so everybody has the predefined ones. */
export const routes: readonly Route[] = [
  route(getPushRules, (_, { identity }) => new RawJson(JSON.stringify({ global: predefinedRules(identity.userId) }))),
  route(getGlobalPushRules, (_, { identity }) => new RawJson(JSON.stringify(predefinedRules(identity.userId)))),
]

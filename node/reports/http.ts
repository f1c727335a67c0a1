import * as api from '#spec/api/client/reports.ts'
import { route, type Route } from '#node/http/route.ts'
import { reportEvent, reportRoom, reportUser } from './report.ts'

export const routes: readonly Route[] = [
  route(api.reportRoom, async (deps, { params, body, identity }) => {
    await reportRoom(deps, identity.userId, params.roomId, body.reason)
    return {}
  }),
  route(api.reportEvent, async (deps, { params, body, identity }) => {
    await reportEvent(deps, identity.userId, params, body.reason)
    return {}
  }),
  route(api.reportUser, async (deps, { params, body, identity }) => {
    await reportUser(deps, identity.userId, params.userId, body.reason)
    return {}
  }),
]

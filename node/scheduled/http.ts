import * as api from '#spec/api/client/delayed-events.ts'
import { RawJson, route, type Route } from '#node/http/route.ts'
import { act } from './act.ts'
import { listDelayed, readOne } from './list.ts'
import { schedule } from './schedule.ts'

export const routes: readonly Route[] = [
  route(api.scheduleDelayedEvent, async (deps, { identity, params, body }) => {
    const { roomId, eventType: type, txnId } = params
    const { delay: delayMs, state_key: stateKey, content } = body
    return { delay_id: await schedule(deps, identity, { roomId, type, txnId, stateKey, content, delayMs }) }
  }),
  route(
    api.getDelayedEvents,
    async (deps, { identity, query }) => new RawJson(await listDelayed(deps, identity.userId, query)),
  ),
  route(
    api.getDelayedEvent,
    async (deps, { identity, params }) => new RawJson(await readOne(deps, identity.userId, params.delayId)),
  ),
  route(api.actOnDelayedEvent, async (deps, { params }) => {
    await act(deps, params.delayId, params.action)
    return {}
  }),
  route(api.updateDelayedEvent, async (deps, { params, body }) => {
    await act(deps, params.delayId, body.action)
    return {}
  }),
]

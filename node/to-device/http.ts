import { requireDevice } from '#node/accounts/appservices/require-device.ts'
import * as dehydratedApi from '#spec/api/client/dehydrated-device.ts'
import * as api from '#spec/api/client/to-device.ts'
import { RawJson, route, type Route } from '#node/http/route.ts'
import { deleteDehydratedDevice, findDehydratedDevice, pageOfEvents, putDehydratedDevice } from './dehydrated-device.ts'
import { sendToDevice } from './send-to-device.ts'

const pageText = (events: readonly string[], next: string | undefined): RawJson =>
  new RawJson(`{"events":[${events.join(',')}]${next === undefined ? '' : `,"next_batch":"${next}"`}}`)

export const routes: readonly Route[] = [
  route(api.sendToDevice, async (deps, { identity, params, body }) => {
    requireDevice(identity)
    await sendToDevice(deps, identity, { type: params.eventType, txnId: params.txnId }, body.messages)
    return {}
  }),
  route(dehydratedApi.putDehydratedDevice, async (deps, { identity, body }) => {
    await putDehydratedDevice(deps, identity.userId, body)
    return { device_id: body.device_id }
  }),
  route(dehydratedApi.getDehydratedDevice, (deps, { identity }) => findDehydratedDevice(deps, identity.userId)),
  route(dehydratedApi.deleteDehydratedDevice, async (deps, { identity }) => ({
    device_id: await deleteDehydratedDevice(deps, identity.userId),
  })),
  route(dehydratedApi.postDehydratedEvents, async (deps, { identity, params, body }) => {
    const { events, next } = await pageOfEvents(deps, identity.userId, params.deviceId, body.next_batch)
    return pageText(events, next)
  }),
  route(dehydratedApi.getDehydratedEvents, async (deps, { identity, params, query }) => {
    const { events, next, hasMore } = await pageOfEvents(deps, identity.userId, params.deviceId, query.from)
    return pageText(events, hasMore ? next : undefined)
  }),
]

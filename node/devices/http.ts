import { deleteDevice, deleteDevices, getDevice, getDevices, updateDevice } from '#spec/api/client/devices.ts'
import { endDevices } from '#node/accounts/end-devices.ts'
import { requireAuth, type GuardedRequest } from '#node/accounts/interactive-auth.ts'
import { makeDevice, nameDevice } from '#node/accounts/name-device.ts'
import { passwordStage } from '#node/accounts/password-stage.ts'
import type { Deps } from '#node/deps.ts'
import { RawJson, route, type Identity, type Route } from '#node/http/route.ts'
import { findDevice, listDevices } from './list-devices.ts'

/** Whoever finds a phone must not be able to lock its owner out everywhere else: the password is asked again. */
async function removeDevices(
  deps: Deps,
  call: { identity: Identity; address: string; body: GuardedRequest['body'] },
  operation: string,
  deviceIds: readonly string[],
): Promise<{}> {
  const { userId, appservice } = call.identity
  const stage = passwordStage(deps, userId, call.address)
  if (appservice === undefined) await requireAuth(deps, { operation, body: call.body, userId }, [[stage]])
  await endDevices(deps, userId, deviceIds)
  return {}
}

export const routes: readonly Route[] = [
  route(getDevices, async (deps, { identity }) => ({ devices: await listDevices(deps, identity.userId) })),
  route(getDevice, (deps, { identity, params }) => findDevice(deps, identity.userId, params.deviceId)),
  route(updateDevice, async (deps, { identity, params, body }) => {
    const { userId, appservice } = identity
    if (appservice !== undefined && (await makeDevice(deps, userId, params.deviceId, body.display_name)))
      return new RawJson('{}', 201)
    if (body.display_name === undefined) await findDevice(deps, userId, params.deviceId)
    else await nameDevice(deps, userId, params.deviceId, body.display_name)
    return {}
  }),
  route(deleteDevice, (deps, call) =>
    removeDevices(deps, call, `deleteDevice ${call.params.deviceId}`, [call.params.deviceId]),
  ),
  route(deleteDevices, (deps, call) => removeDevices(deps, call, 'deleteDevices', call.body.devices)),
]

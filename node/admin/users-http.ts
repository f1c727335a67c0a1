import * as devices from '#spec/api/admin/devices.ts'
import * as users from '#spec/api/admin/users.ts'
import { endAccountOf, givePassword, putAccount } from '#node/accounts/administration/change-account.ts'
import { findAccount, listAccounts, showAccount } from '#node/accounts/administration/list-accounts.ts'
import { inSmallLetters } from '#node/accounts/check-password.ts'
import { endDevices } from '#node/accounts/end-devices.ts'
import { whoIs } from '#node/accounts/moderation/whois.ts'
import { nameDevice } from '#node/accounts/name-device.ts'
import { checkLocalpart } from '#node/accounts/register.ts'
import { findDevice, listDevices } from '#node/devices/list-devices.ts'
import { route, type Route } from '#node/http/route.ts'
import { listPushers } from '#node/push/pushers/set-pusher.ts'
import { readRoomsOf } from '#node/rooms/store.ts'

export const userRoutes: readonly Route[] = [
  route(users.listUsers, (deps, { query }) => listAccounts(deps, query)),
  route(users.getUser, (deps, { params }) => showAccount(deps, params.userId)),
  route(users.putUser, async (deps, { params: { userId }, body, identity }) => {
    await putAccount(deps, identity.userId, userId, body)
    return showAccount(deps, userId)
  }),
  route(users.getSessionsOfUser, async (deps, { params: { userId }, identity }) => {
    await findAccount(deps, userId)
    return whoIs(deps, identity, userId)
  }),
  route(users.endAccount, async (deps, { params, body, identity }) => {
    await endAccountOf(deps, identity.userId, params.userId, body.erase)
    return { id_server_unbind_result: 'success' }
  }),
  route(users.resetPassword, async (deps, { params, body }) => {
    await givePassword(deps, params.userId, body.new_password, body.logout_devices)
    return {}
  }),
  route(users.checkUsername, async (deps, { query }) => {
    await checkLocalpart(deps, inSmallLetters(query.username))
    return { available: true }
  }),
  route(users.getRoomsOfUser, async (deps, { params: { userId } }) => {
    await findAccount(deps, userId)
    const joined = await readRoomsOf(deps.sql, userId, 'join')
    return { joined_rooms: joined.map(({ roomId }) => roomId), total: joined.length }
  }),
  route(users.getPushersOfUser, async (deps, { params: { userId } }) => {
    await findAccount(deps, userId)
    const pushers = await listPushers(deps, { userId })
    return { pushers, total: pushers.length }
  }),
  route(devices.getDevicesOfUser, async (deps, { params: { userId } }) => {
    await findAccount(deps, userId)
    const found = await listDevices(deps, userId)
    return { devices: found.map((device) => ({ ...device, user_id: userId })), total: found.length }
  }),
  route(devices.getDeviceOfUser, async (deps, { params: { userId, deviceId } }) => {
    await findAccount(deps, userId)
    return { ...(await findDevice(deps, userId, deviceId)), user_id: userId }
  }),
  route(devices.updateDeviceOfUser, async (deps, { params: { userId, deviceId }, body }) => {
    await findAccount(deps, userId)
    if (body.display_name === undefined) await findDevice(deps, userId, deviceId)
    else await nameDevice(deps, userId, deviceId, body.display_name)
    return {}
  }),
  route(devices.deleteDeviceOfUser, async (deps, { params: { userId, deviceId } }) => {
    await findAccount(deps, userId)
    await endDevices(deps, userId, [deviceId])
    return {}
  }),
  route(devices.deleteDevicesOfUser, async (deps, { params: { userId }, body }) => {
    await findAccount(deps, userId)
    await endDevices(deps, userId, body.devices)
    return {}
  }),
]

import { authenticate } from './interactive.ts'
import { callerOf, client, client1, passwordOf, textAt, type Scenarios } from '../stage.ts'
import { goodPassword } from '#test/world-node.ts'

/** Discovery, registration, login and the session. */
export const session: Scenarios = {
  'GET /_matrix/client/versions': async ({ admin }, call) => {
    await call(200)
    await call(200, { as: admin })
  },
  'GET /.well-known/matrix/client': (_, call) => call(200),
  'GET /.well-known/matrix/support': (_, call) => call(200),
  [`GET ${client}/capabilities`]: ({ admin: as }, call) => call(200, { as }),
  [`GET ${client}/login`]: (_, call) => call(200),
  [`POST ${client}/login`]: async ({ person }, call) => {
    const who = await person()
    await call(200, { body: { ...passwordOf(who), device_id: 'KITCHEN', initial_device_display_name: 'Kitchen' } })
    await call(200, { body: { ...passwordOf(who), refresh_token: true } })
    await call('403 M_FORBIDDEN', { body: passwordOf(who, 'not this one') })
    await call('403 M_FORBIDDEN', { body: { ...passwordOf(who), identifier: { type: 'm.id.user', user: 'nobody' } } })
    await call('400 M_UNKNOWN', { body: { type: 'm.login.unheard.of' } })
    await call('400 M_BAD_JSON', { body: { type: 1 } })
    await call('403 M_FORBIDDEN', { body: { type: 'm.login.token', token: 'stale' } })
  },
  [`POST ${client1}/login/get_token`]: async ({ person, act }, call) => {
    const as = await person()
    const flow = await call(401, { as, body: {} })
    const auth = { ...passwordOf(as), session: textAt(flow, 'session') }
    const { login_token: token } = await call(200, { as, body: { auth } })
    await act(`POST ${client}/login`, { body: { type: 'm.login.token', token } })
  },
  [`POST ${client}/logout`]: async ({ person }, call) => {
    const as = await person()
    await call(200, { as })
    await call('401 M_UNKNOWN_TOKEN', { as })
  },
  [`POST ${client}/logout/all`]: async ({ person, act }, call) => {
    const as = await person()
    const other = callerOf(await act(`POST ${client}/login`, { body: passwordOf(as) }))
    await call(200, { as })
    await call('401 M_UNKNOWN_TOKEN', { as: other })
  },
  [`POST ${client}/refresh`]: async ({ person, act }, call) => {
    const who = await person()
    const answer = await act(`POST ${client}/login`, { body: { ...passwordOf(who), refresh_token: true } })
    const body = { refresh_token: answer['refresh_token'] }
    await call(200, { body })
    await call('401 M_UNKNOWN_TOKEN', { body: { refresh_token: 'x' } })
    await call('400 M_BAD_JSON', { body: { refresh_token: 1 } })
  },
  [`POST ${client}/register`]: async ({ person }, call) => {
    const auth = { type: 'm.login.dummy' }
    const body = { username: 'registering', password: goodPassword }
    const { session: started } = await call(401, { body })
    await call(200, { body: { ...body, auth: { ...auth, session: started } } })
    await call('400 M_USER_IN_USE', { body: { ...body, auth } })
    await call('400 M_INVALID_USERNAME', { body: { ...body, username: 'with blank' } })
    await call('400 M_WEAK_PASSWORD', { body: { username: 'weak', password: 'x', auth } })
    await call(200, { body: { username: 'tokenless', password: goodPassword, inhibit_login: true, auth } })
    await call('403 M_GUEST_ACCESS_FORBIDDEN', { query: { kind: 'guest' }, body: {} })
    await person()
  },
  [`GET ${client}/register/available`]: async ({ person }, call) => {
    const { userId } = await person()
    await call(200, { query: { username: 'nobody.yet' } })
    await call('400 M_USER_IN_USE', { query: { username: userId.slice(1, userId.indexOf(':')) } })
    await call('400 M_INVALID_USERNAME', { query: { username: 'With Blank' } })
    await call('400 M_MISSING_PARAM', {})
  },
  [`GET ${client1}/register/m.login.registration_token/validity`]: async (_, call) => {
    await call(200, { query: { token: 'unknown' } })
    await call('400 M_MISSING_PARAM', {})
  },
  [`GET ${client}/account/whoami`]: ({ admin: as }, call) => call(200, { as }),
  [`POST ${client}/account/password`]: async ({ person, act }, call) => {
    const as = await person()
    const body = { new_password: 'a dog in the garden', logout_devices: false }
    await authenticate(call, { as, body }, passwordOf(as))
    await act(`POST ${client}/login`, { body: passwordOf(as, 'a dog in the garden') })
    const wrong = { ...passwordOf(as, 'not this one') }
    await call('401 M_FORBIDDEN', { as, body: { ...body, auth: wrong } })
    await call('400 M_WEAK_PASSWORD', {
      as,
      body: { ...body, new_password: 'x', auth: passwordOf(as, 'a dog in the garden') },
    })
  },
  [`POST ${client}/account/deactivate`]: async ({ pair }, call) => {
    const { mert } = await pair()
    await authenticate(call, { as: mert, body: { erase: true } }, passwordOf(mert))
    await call('401 M_UNKNOWN_TOKEN', { as: mert, body: {} })
  },
  [`GET ${client}/devices`]: ({ admin: as }, call) => call(200, { as }),
  [`GET ${client}/devices/{deviceId}`]: async ({ admin: as }, call) => {
    await call(200, { as, params: { deviceId: as.deviceId } })
    await call('404 M_NOT_FOUND', { as, params: { deviceId: 'NONE' } })
  },
  [`PUT ${client}/devices/{deviceId}`]: async ({ person }, call) => {
    const as = await person()
    await call(200, { as, params: { deviceId: as.deviceId }, body: { display_name: 'Phone' } })
    await call('404 M_NOT_FOUND', { as, params: { deviceId: 'NONE' }, body: { display_name: 'Phone' } })
    await call('400 M_BAD_JSON', { as, params: { deviceId: as.deviceId }, body: { display_name: 1 } })
  },
  [`DELETE ${client}/devices/{deviceId}`]: async ({ person, act }, call) => {
    const as = await person()
    const { deviceId } = callerOf(await act(`POST ${client}/login`, { body: passwordOf(as) }))
    await authenticate(call, { as, params: { deviceId }, body: {} }, passwordOf(as))
  },
  [`POST ${client}/delete_devices`]: async ({ person, act }, call) => {
    const as = await person()
    const { deviceId } = callerOf(await act(`POST ${client}/login`, { body: passwordOf(as) }))
    await authenticate(call, { as, body: { devices: [deviceId] } }, passwordOf(as))
    await call('400 M_BAD_JSON', { as, body: { devices: 'all' } })
  },
  [`POST ${client}/user/{userId}/openid/request_token`]: async ({ admin, person }, call) => {
    const as = await person()
    await call(200, { as, params: { userId: as.userId }, body: {} })
    await call('403 M_FORBIDDEN', { as, params: { userId: admin.userId }, body: {} })
  },
  [`GET ${client}/voip/turnServer`]: ({ admin: as }, call) => call(200, { as }),
}

import { client, type Scenario, type Scenarios } from '../stage.ts'

const mail = { client_secret: 'a.secret', email: 'ayse@mail.example', send_attempt: 1 }
const phone = { client_secret: 'a.secret', country: 'TR', phone_number: '5551234567', send_attempt: 1 }

/** Whether for an account that there is or not, no message is sent to a phone. */
const noPhones: Scenario = async (_, call) => {
  await call('400 M_THREEPID_MEDIUM_NOT_SUPPORTED', { body: phone })
  await call('400 M_BAD_JSON', { body: { ...phone, send_attempt: 'once' } })
}

/** E-mail addresses and phones. The node of these scenarios sends no mail; that it does where it may is shown beside the code. */
export const addresses: Scenarios = {
  [`GET ${client}/account/3pid`]: ({ admin: as }, call) => call(200, { as }),
  [`POST ${client}/account/3pid/add`]: async ({ admin: as }, call) => {
    await call(401, { as, body: { client_secret: 'a.secret', sid: '1' } })
    await call('400 M_BAD_JSON', { as, body: { client_secret: 1, sid: '1' } })
  },
  [`POST ${client}/account/3pid/bind`]: async ({ admin: as }, call) => {
    const body = { client_secret: 'a.secret', sid: '1', id_server: 'id.example', id_access_token: 'x' }
    await call('400 M_SERVER_NOT_TRUSTED', { as, body })
    await call('400 M_BAD_JSON', { as, body: { ...body, sid: 1 } })
  },
  [`POST ${client}/account/3pid/delete`]: ({ admin: as }, call) =>
    call(200, { as, body: { medium: 'email', address: 'nobody@mail.example' } }),
  [`POST ${client}/account/3pid/unbind`]: ({ admin: as }, call) =>
    call(200, { as, body: { medium: 'email', address: 'nobody@mail.example' } }),
  [`POST ${client}/account/3pid/email/requestToken`]: (_, call) =>
    call('400 M_THREEPID_MEDIUM_NOT_SUPPORTED', { body: mail }),
  [`POST ${client}/account/password/email/requestToken`]: (_, call) =>
    call('400 M_THREEPID_MEDIUM_NOT_SUPPORTED', { body: mail }),
  [`POST ${client}/register/email/requestToken`]: (_, call) =>
    call('400 M_THREEPID_MEDIUM_NOT_SUPPORTED', { body: mail }),
  [`POST ${client}/account/3pid/msisdn/requestToken`]: noPhones,
  [`POST ${client}/account/password/msisdn/requestToken`]: noPhones,
  [`POST ${client}/register/msisdn/requestToken`]: noPhones,
}

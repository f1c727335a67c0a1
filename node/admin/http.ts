import * as tokens from '#spec/api/admin/registration-tokens.ts'
import * as notices from '#spec/api/admin/server-notices.ts'
import * as secret from '#spec/api/admin/shared-secret.ts'
import { route, type Route } from '#node/http/route.ts'
import * as registrationTokens from '#node/accounts/administration/registration-tokens.ts'
import { hashToken } from '#node/accounts/tokens.ts'
import { sendServerNotice } from '#node/rooms/server-notices/send-server-notice.ts'
import { newNonce, registerBySecret } from './register-with-secret.ts'

const registering: Route[] = [
  route(secret.getRegistrationNonce, (deps) => ({ nonce: newNonce(deps) })),
  route(secret.registerWithSecret, (deps, { body }) => registerBySecret(deps, body)),
  // Before the others: `new` is no token.
  route(tokens.createRegistrationToken, (deps, { body }) => registrationTokens.createToken(deps, body)),
  route(tokens.getRegistrationTokens, async (deps, { query }) => ({
    registration_tokens: await registrationTokens.listTokens(deps, query.valid),
  })),
  route(tokens.getRegistrationToken, (deps, { params }) => registrationTokens.findToken(deps, params.token)),
  route(tokens.updateRegistrationToken, (deps, { params, body }) =>
    registrationTokens.changeToken(deps, params.token, body),
  ),
  route(tokens.deleteRegistrationToken, async (deps, { params }) => {
    await registrationTokens.deleteToken(deps, params.token)
    return {}
  }),
]

const speaking: Route[] = [
  route(notices.sendServerNotice, async (deps, { body: { user_id: userId, state_key: stateKey, type, content } }) => ({
    event_id: await sendServerNotice(deps, userId, { type, stateKey, content }),
  })),
  route(notices.sendServerNoticeOnce, async (deps, { identity, params, body }) => {
    const { user_id: userId, state_key: stateKey, type, content } = body
    // Everything is sent by one account, so an id is told from those of other administrators' devices.
    const txnId = hashToken(`${identity.userId} ${identity.deviceId} ${params.txnId}`)
    return { event_id: await sendServerNotice(deps, userId, { type, stateKey, content, txnId }) }
  }),
]

export const routes: readonly Route[] = [...registering, ...speaking]

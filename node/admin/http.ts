import * as reportsApi from '#spec/api/admin/event-reports.ts'
import * as mediaApi from '#spec/api/admin/media.ts'
import * as tokens from '#spec/api/admin/registration-tokens.ts'
import * as notices from '#spec/api/admin/server-notices.ts'
import * as secret from '#spec/api/admin/shared-secret.ts'
import type { MediaId, ServerName } from '#spec/ids.ts'
import { route, type Route } from '#node/http/route.ts'
import * as registrationTokens from '#node/accounts/administration/registration-tokens.ts'
import { hashToken } from '#node/accounts/tokens.ts'
import { sendServerNotice } from '#node/rooms/server-notices/send-server-notice.ts'
import { findReport, listReports, removeReport } from './event-reports.ts'
import * as media from './media.ts'
import { roomRoutes } from './rooms-http.ts'
import { userRoutes } from './users-http.ts'
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

const addressOf = ({ serverName: server, mediaId }: { serverName: ServerName; mediaId: MediaId }) => ({
  server,
  mediaId,
})

const files: Route[] = [
  route(mediaApi.getMediaOfUser, (deps, { params, query }) => media.listMediaOfUser(deps, params.userId, query)),
  route(mediaApi.deleteMediaOfUser, (deps, { params, query }) => media.deleteMediaOfUser(deps, params.userId, query)),
  route(mediaApi.getMediaInfo, (deps, { params }) => media.mediaInfo(deps, addressOf(params))),
  route(mediaApi.deleteMediaItem, (deps, { params }) => media.deleteItem(deps, addressOf(params))),
  route(mediaApi.quarantineMediaItem, (deps, { params }) => media.setQuarantine(deps, addressOf(params), true)),
  route(mediaApi.unquarantineMediaItem, (deps, { params }) => media.setQuarantine(deps, addressOf(params), false)),
  route(mediaApi.quarantineMediaOfUser, (deps, { params }) => media.quarantineAllOf(deps, params.userId)),
  route(mediaApi.deleteOldMedia, (deps, { query }) => media.deleteOldMedia(deps, query)),
  route(mediaApi.getMediaUsage, (deps, { query }) => media.mediaUsage(deps, query)),
]

const reported: Route[] = [
  route(reportsApi.getEventReports, (deps, { query }) => listReports(deps, query)),
  route(reportsApi.getEventReport, (deps, { params }) => findReport(deps, params.reportId)),
  route(reportsApi.deleteEventReport, async (deps, { params }) => {
    await removeReport(deps, params.reportId)
    return {}
  }),
]

export const routes: readonly Route[] = [
  ...registering,
  ...speaking,
  ...userRoutes,
  ...files,
  ...reported,
  ...roomRoutes,
]

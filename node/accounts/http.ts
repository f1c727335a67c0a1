import { changePassword, whoami } from '#spec/api/client/account.ts'
import {
  getAccountData,
  getRoomAccountData,
  setAccountData,
  setRoomAccountData,
} from '#spec/api/client/account-data.ts'
import { getCapabilities } from '#spec/api/client/capabilities.ts'
import { defineFilter, getFilter } from '#spec/api/client/filter.ts'
import { getLoginFlows, getLoginToken, login, logout, logoutAll, refresh } from '#spec/api/client/login.ts'
import { requestOpenIdToken } from '#spec/api/client/openid.ts'
import * as profileApi from '#spec/api/client/profile.ts'
import { checkRegistrationToken, checkUsernameAvailability, register } from '#spec/api/client/register.ts'
import * as tagsApi from '#spec/api/client/tags.ts'
import { getVersions } from '#spec/api/client/versions.ts'
import { getTurnServer } from '#spec/api/client/voip.ts'
import { getClientWellKnown, getSupport } from '#spec/api/client/wellknown.ts'
import { forbidden, missingParam, notFound } from '#spec/errors.ts'
import type { UserId } from '#spec/ids.ts'
import type { Json, JsonObject } from '#spec/json.ts'
import * as invitesApi from '#spec/extensions/invites/api.ts'
import { RawJson, route, type Identity, type Route } from '#node/http/route.ts'
import { askForUser } from './appservices/ask.ts'
import { getAccountDataText, putAccountData } from './account-data.ts'
import { setPassword } from './change-password.ts'
import { inSmallLetters } from './check-password.ts'
import { capabilitiesOf, support, versions, welcome, wellKnown } from './describe-server.ts'
import { endDevices, endOtherDevices } from './end-devices.ts'
import { addFilter, findFilter } from './filters.ts'
import { listInvites, makeInvite, previewInvite, withdrawInvite } from './invites.ts'
import { loginFlows, logIn } from './login.ts'
import { mailRoutes } from './mail/http.ts'
import { checkNotSuspended } from './moderation/account-status.ts'
import { moderationRoutes } from './moderation/http.ts'
import { readProfile, readProfileField, setProfileField } from './profile.ts'
import { refreshSession } from './refresh.ts'
import { checkLocalpart, registerAccount } from './register.ts'
import { admission, checkAdmission, isTokenGood } from './registration-flows.ts'
import { makeLoginToken } from './short-tokens/login-token.ts'
import { makeOpenIdToken } from './short-tokens/openid.ts'
import { changeTag, readTags } from './tags.ts'
import { hashToken } from './tokens.ts'
import { turnCredentials } from './turn.ts'

/** What a path says of a user is the caller's own business only. */
function checkOwn(identity: Identity, userId: UserId): UserId {
  if (identity.userId !== userId) throw forbidden('This belongs to another user.')
  return userId
}

const describing: Route[] = [
  route(getVersions, () => versions),
  route(getClientWellKnown, wellKnown),
  route(getCapabilities, (deps, { identity }) => capabilitiesOf(deps, identity)),
  route(getSupport, support),
  route(getTurnServer, (deps, { identity }) => turnCredentials(deps, identity.userId)),
  route(invitesApi.getWelcome, welcome),
]

const registering: Route[] = [
  route(register, (deps, { query, body, bearer }) => registerAccount(deps, query.kind, body, bearer)),
  route(checkUsernameAvailability, async (deps, { query }) => {
    checkAdmission(await admission(deps))
    await checkLocalpart(deps, inSmallLetters(query.username))
    return { available: true }
  }),
  route(checkRegistrationToken, async (deps, { query }) => {
    const now = await admission(deps)
    checkAdmission(now)
    return { valid: await isTokenGood(deps, hashToken(query.token), now) }
  }),
  route(invitesApi.createInvite, (deps, { identity }) => makeInvite(deps, identity.userId)),
  route(invitesApi.getInvites, (deps, { identity }) => listInvites(deps, identity.userId)),
  route(invitesApi.getInvite, (deps, { params }) => previewInvite(deps, params.invite)),
  route(invitesApi.deleteInvite, async (deps, { identity, params }) => {
    await withdrawInvite(deps, identity.userId, params.invite)
    return {}
  }),
]

const loggingIn: Route[] = [
  route(getLoginFlows, loginFlows),
  route(login, (deps, { body, address, bearer }) => logIn(deps, body, { address, bearer })),
  route(getLoginToken, (deps, { identity, body, address }) => makeLoginToken(deps, identity, body, address)),
  route(refresh, (deps, { body }) => refreshSession(deps, body.refresh_token)),
  route(logout, async (deps, { identity }) => {
    await endDevices(deps, identity.userId, [identity.deviceId])
    return {}
  }),
  route(logoutAll, async (deps, { identity }) => {
    await endOtherDevices(deps, identity.userId)
    return {}
  }),
  route(whoami, (_, { identity: { userId, deviceId } }) => ({
    user_id: userId,
    ...(deviceId !== '' && { device_id: deviceId }),
    is_guest: false,
  })),
  route(changePassword, async (deps, { identity, body, address }) => {
    await setPassword(deps, identity, body, address)
    return {}
  }),
]

const profiles: Route[] = [
  route(profileApi.getProfile, async (deps, { params }) => {
    const known = await readProfile(deps.sql, params.userId)
    const profile =
      known ?? ((await askForUser(deps, params.userId)) ? await readProfile(deps.sql, params.userId) : undefined)
    if (profile === undefined) throw notFound('There is no such user.')
    return new RawJson(JSON.stringify(profile))
  }),
  route(profileApi.getProfileField, async (deps, { params }) => ({
    ...(await readProfileField(deps.sql, params.userId, params.keyName)),
  })),
  route(profileApi.setProfileField, async (deps, { identity, params, body }) => {
    const userId = checkOwn(identity, params.userId)
    checkNotSuspended(deps, userId)
    if (!Object.hasOwn(body, params.keyName)) throw missingParam(`${params.keyName} is missing.`)
    await setProfileField(deps, userId, params.keyName, body[params.keyName] as Json)
    return {}
  }),
  route(profileApi.deleteProfileField, async (deps, { identity, params }) => {
    const userId = checkOwn(identity, params.userId)
    checkNotSuspended(deps, userId)
    await setProfileField(deps, userId, params.keyName, undefined)
    return {}
  }),
]

const keeping: Route[] = [
  route(getAccountData, async (deps, { identity, params: { userId, type } }) => {
    return new RawJson(await getAccountDataText(deps, { userId: checkOwn(identity, userId), roomId: '', type }))
  }),
  route(setAccountData, async (deps, { identity, params: { userId, type }, body }) => {
    await putAccountData(deps, { userId: checkOwn(identity, userId), roomId: '', type }, body as JsonObject)
    return {}
  }),
  route(getRoomAccountData, async (deps, { identity, params: { userId, roomId, type } }) => {
    return new RawJson(await getAccountDataText(deps, { userId: checkOwn(identity, userId), roomId, type }))
  }),
  route(setRoomAccountData, async (deps, { identity, params: { userId, roomId, type }, body }) => {
    await putAccountData(deps, { userId: checkOwn(identity, userId), roomId, type }, body as JsonObject)
    return {}
  }),
  route(tagsApi.getTags, async (deps, { identity, params: { userId, roomId } }) => ({
    tags: await readTags(deps, checkOwn(identity, userId), roomId),
  })),
  route(tagsApi.setTag, async (deps, { identity, params: { userId, roomId, tag }, body }) => {
    await changeTag(deps, checkOwn(identity, userId), { roomId, tag, value: body as JsonObject })
    return {}
  }),
  route(tagsApi.deleteTag, async (deps, { identity, params: { userId, roomId, tag } }) => {
    await changeTag(deps, checkOwn(identity, userId), { roomId, tag, value: undefined })
    return {}
  }),
  route(requestOpenIdToken, (deps, { identity, params }) => makeOpenIdToken(deps, checkOwn(identity, params.userId))),
  route(defineFilter, async (deps, { identity, params, body }) => ({
    filter_id: await addFilter(deps, checkOwn(identity, params.userId), body),
  })),
  route(getFilter, (deps, { identity, params }) =>
    findFilter(deps, checkOwn(identity, params.userId), params.filterId),
  ),
]

export const routes: readonly Route[] = [
  ...describing,
  ...registering,
  ...loggingIn,
  ...profiles,
  ...keeping,
  ...moderationRoutes,
  ...mailRoutes,
]

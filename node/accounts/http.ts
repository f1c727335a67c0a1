import { changePassword, whoami } from '#spec/api/client/account.ts'
import {
  getAccountData,
  getRoomAccountData,
  setAccountData,
  setRoomAccountData,
} from '#spec/api/client/account-data.ts'
import { getCapabilities } from '#spec/api/client/capabilities.ts'
import { defineFilter, getFilter } from '#spec/api/client/filter.ts'
import { getLoginFlows, login, logout, logoutAll, refresh } from '#spec/api/client/login.ts'
import * as profileApi from '#spec/api/client/profile.ts'
import { checkRegistrationToken, checkUsernameAvailability, register } from '#spec/api/client/register.ts'
import { getVersions } from '#spec/api/client/versions.ts'
import { getClientWellKnown } from '#spec/api/client/wellknown.ts'
import { forbidden, missingParam, notFound } from '#spec/errors.ts'
import type { UserId } from '#spec/ids.ts'
import type { Json, JsonObject } from '#spec/json.ts'
import * as invitesApi from '#spec/extensions/invites/api.ts'
import { RawJson, route, type Identity, type Route } from '#node/http/route.ts'
import { getAccountDataText, putAccountData } from './account-data.ts'
import { setPassword } from './change-password.ts'
import { inSmallLetters } from './check-password.ts'
import { capabilities, versions, welcome, wellKnown } from './describe-server.ts'
import { endDevices, endOtherDevices } from './end-devices.ts'
import { addFilter, findFilter } from './filters.ts'
import { listInvites, makeInvite, previewInvite, withdrawInvite } from './invites.ts'
import { loginFlows, logIn } from './login.ts'
import { readProfile, readProfileField, setProfileField } from './profile.ts'
import { refreshSession } from './refresh.ts'
import { checkLocalpart, registerAccount } from './register.ts'
import { admission, checkAdmission, isTokenGood } from './registration-flows.ts'
import { hashToken } from './tokens.ts'

/** What a path says of a user is the caller's own business only. */
function checkOwn(identity: Identity, userId: UserId): UserId {
  if (identity.userId !== userId) throw forbidden('This belongs to another user.')
  return userId
}

const describing: Route[] = [
  route(getVersions, () => versions),
  route(getClientWellKnown, wellKnown),
  route(getCapabilities, capabilities),
  route(invitesApi.getWelcome, welcome),
]

const registering: Route[] = [
  route(register, (deps, { query, body }) => registerAccount(deps, query.kind, body)),
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
  route(getLoginFlows, () => loginFlows),
  route(login, (deps, { body, address }) => logIn(deps, body, address)),
  route(refresh, (deps, { body }) => refreshSession(deps, body.refresh_token)),
  route(logout, async (deps, { identity }) => {
    await endDevices(deps, identity.userId, [identity.deviceId])
    return {}
  }),
  route(logoutAll, async (deps, { identity }) => {
    await endOtherDevices(deps, identity.userId)
    return {}
  }),
  route(whoami, (_, { identity }) => ({ user_id: identity.userId, device_id: identity.deviceId, is_guest: false })),
  route(changePassword, async (deps, { identity, body, address }) => {
    await setPassword(deps, identity, body, address)
    return {}
  }),
]

const profiles: Route[] = [
  route(profileApi.getProfile, async (deps, { params }) => {
    const profile = await readProfile(deps.sql, params.userId)
    if (profile === undefined) throw notFound('There is no such user.')
    return new RawJson(JSON.stringify(profile))
  }),
  route(profileApi.getProfileField, async (deps, { params }) => ({
    ...(await readProfileField(deps.sql, params.userId, params.keyName)),
  })),
  route(profileApi.setProfileField, async (deps, { identity, params, body }) => {
    const userId = checkOwn(identity, params.userId)
    if (!Object.hasOwn(body, params.keyName)) throw missingParam(`${params.keyName} is missing.`)
    await setProfileField(deps, userId, params.keyName, body[params.keyName] as Json)
    return {}
  }),
  route(profileApi.deleteProfileField, async (deps, { identity, params }) => {
    await setProfileField(deps, checkOwn(identity, params.userId), params.keyName, undefined)
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
  route(defineFilter, async (deps, { identity, params, body }) => ({
    filter_id: await addFilter(deps, checkOwn(identity, params.userId), body),
  })),
  route(getFilter, (deps, { identity, params }) =>
    findFilter(deps, checkOwn(identity, params.userId), params.filterId),
  ),
]

export const routes: readonly Route[] = [...describing, ...registering, ...loggingIn, ...profiles, ...keeping]

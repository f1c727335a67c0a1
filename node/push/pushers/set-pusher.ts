import type { setPusher as setPusherEndpoint } from '#spec/api/client/pushers.ts'
import { maxPusherDataBytes } from '#spec/api/client/pushers.ts'
import { invalidParam, MatrixError, missingParam } from '#spec/errors.ts'
import { utf8Length } from '#spec/limits.ts'
import { requireDevice } from '#node/accounts/appservices/require-device.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import type { Call, Identity } from '#node/http/route.ts'
import { openAddresses } from '#node/outside/addresses.ts'
import { learnPusher } from './awaken.ts'
import * as store from './store.ts'

type Body = Call<typeof setPusherEndpoint>['body']

const notifyPath = '/_matrix/push/v1/notify'
const mostPushers = 100

/** Makes, changes or takes away a pusher. */
export async function setPusher(deps: Deps, who: Identity, body: Body): Promise<void> {
  requireDevice(who)
  const { userId, deviceId } = who
  const key = { userId, appId: body.app_id, pushkey: body.pushkey }
  if (body.kind === null) return void (await transaction(deps.sql, (tx) => store.deletePusher(tx, key)))
  const pusher = { ...key, deviceId, setAt: deps.clock.now(), ...fieldsOf(deps, body) }
  await transaction(deps.sql, async (tx) => {
    const others = (await store.readPushers(tx, userId)).filter((one) => !isSame(one, key))
    if (others.length >= mostPushers) throw new MatrixError('M_TOO_LARGE', `You have ${mostPushers} pushers, the most.`)
    if (!body.append) await store.deleteOfOthers(tx, key)
    await store.upsertPusher(tx, pusher, deps.stream.head)
  })
  await learnPusher(deps, key)
}

const isSame = (one: store.PusherKey, other: store.PusherKey): boolean =>
  one.appId === other.appId && one.pushkey === other.pushkey

function fieldsOf(deps: Deps, body: Body): Omit<store.Pusher, keyof store.PusherKey | 'deviceId' | 'setAt'> {
  const { kind, app_display_name, device_display_name, lang, data } = body
  if (kind !== 'http') throw invalidParam('A pusher is of the kind `http`.')
  if (app_display_name === undefined || device_display_name === undefined || lang === undefined || data === undefined)
    throw missingParam('A pusher needs app_display_name, device_display_name, lang and data.')
  if (data.url === undefined) throw missingParam('A pusher needs the url of its push gateway, in data.')
  checkGateway(deps, data.url)
  const text = JSON.stringify(data)
  if (utf8Length(text) > maxPusherDataBytes)
    throw new MatrixError('M_TOO_LARGE', `The data of a pusher has ${maxPusherDataBytes} bytes at most.`)
  return {
    appDisplayName: app_display_name,
    deviceDisplayName: device_display_name,
    profileTag: body.profile_tag ?? null,
    lang,
    data: text,
    enabled: body['org.matrix.msc3881.enabled'] ?? true,
  }
}

/** HTTPS only, but for a gateway at an address that the administrator allows by name: it stands in the same house. */
function checkGateway(deps: Deps, text: string): void {
  const url = URL.parse(text)
  if (url?.pathname !== notifyPath || url.username !== '' || url.password !== '')
    throw invalidParam(`The url of a push gateway has the path ${notifyPath}.`)
  const { allowAddresses } = deps.config
  const isInside = allowAddresses.length > 0 && openAddresses(allowAddresses)(url.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isInside))
    throw invalidParam('The url of a push gateway begins with https://.')
}

/** The pushers of a user, as clients see them. */
export async function listPushers(deps: Deps, { userId }: Pick<Identity, 'userId'>) {
  const pushers = await store.readPushers(deps.sql, userId)
  return pushers.map((one) => ({
    pushkey: one.pushkey,
    kind: 'http',
    app_id: one.appId,
    app_display_name: one.appDisplayName,
    device_display_name: one.deviceDisplayName,
    ...(one.profileTag !== null && { profile_tag: one.profileTag }),
    lang: one.lang,
    data: JSON.parse(one.data) as { url?: string },
    'org.matrix.msc3881.enabled': one.enabled,
    'org.matrix.msc3881.device_id': one.deviceId,
  }))
}

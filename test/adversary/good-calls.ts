import { expect } from 'vitest'
import { deleteRoom } from '#spec/api/admin/rooms.ts'
import { createRegistrationToken } from '#spec/api/admin/registration-tokens.ts'
import { scheduleDelayedEvent } from '#spec/api/client/delayed-events.ts'
import * as events from '#spec/api/client/events.ts'
import { putDehydratedDevice } from '#spec/api/client/dehydrated-device.ts'
import { defineFilter } from '#spec/api/client/filter.ts'
import * as keyBackup from '#spec/api/client/key-backup.ts'
import { login } from '#spec/api/client/login.ts'
import * as media from '#spec/api/client/media.ts'
import { setPushRule } from '#spec/api/client/push-rules.ts'
import { setRoomAlias } from '#spec/api/client/room-directory.ts'
import { reportEvent } from '#spec/api/client/reports.ts'
import * as rooms from '#spec/api/client/rooms.ts'
import type { Endpoint } from '#spec/endpoint.ts'
import { parseMxc } from '#spec/ids.ts'
import { createInvite } from '#spec/extensions/invites/api.ts'
import { identifyToken } from '#node/accounts/identify-token.ts'
import { lowerPasswordCost } from '#node/accounts/password.ts'
import { hashToken } from '#node/accounts/tokens.ts'
import { slices } from '#node/slices.ts'
import { addPerson, goodPassword, logInAgain, type Person } from '#test/people.ts'
import { settled } from '#test/checksums.ts'
import { serveSlices, type CallInput, type ServedSlices } from '#test/serve-slices.ts'
import { registrationSecret, signedWithSecret } from './signed-with-secret.ts'
import { dot, putFile } from './good-files.ts'
import { backedUpKey, backupOf, dehydratedDeviceOf, masterKeyOf } from './good-keys.ts'
import { ircBridge } from './irc-bridge.ts'

/** A node with people and rooms enough that every endpoint can be called with success. */
export interface House {
  readonly node: ServedSlices
  /** Makes the calls. */
  readonly ayse: Person
  /** Makes those that are for administrators. */
  readonly admin: Person
  /** Has a room that is closed to ayse. */
  readonly mert: Person
  /** Makes those that are for application services. */
  readonly service: Person
  readonly closedRoom: string
  readonly closedEvent: string
  /** Has expired as soon as the clock is put forward by an hour. */
  readonly shortToken: string
  /** A call of an endpoint that is answered with 200, made by ayse. */
  readonly calls: Readonly<Record<string, CallInput>>
}

const settings = {
  HEARTH_REGISTRATION_SECRET: registrationSecret,
  HEARTH_ADMIN_CONTACT: 'help@example.org',
  HEARTH_TURN_URIS: 'turn:turn.example.org',
  HEARTH_TURN_SECRET: 'the secret of the TURN server',
  // Nobody listens there: mails wait.
  HEARTH_SMTP_URL: 'smtp://127.0.0.1:1',
}

export const serveHouse = (more: Record<string, string> = {}): Promise<ServedSlices> =>
  serveSlices(slices, {
    identifyToken,
    prepare: (deps) => lowerPasswordCost(deps),
    settings: { ...settings, ...more, HEARTH_REGISTRATION: 'open', HEARTH_MAX_UPLOAD_BYTES: '1000000' },
  })

export async function furnish(): Promise<House> {
  const bridge = ircBridge()
  const served = await serveHouse({ HEARTH_APPSERVICES: await bridge.open({ protocols: ['irc'] }) })
  const node = { ...served, stop: async () => void (await Promise.all([served.stop(), bridge.close()])) }
  const [ayse, mert, zeynep, can, deniz] = await Promise.all(
    ['ayse', 'mert', 'zeynep', 'can', 'deniz'].map((name) => addPerson(node, name)),
  )
  const admin = await addPerson(node, 'admin')
  await node.deps.sql`update accounts set is_admin = true where user_id = ${admin.userId}`
  const call = async <E extends Endpoint>(who: Person, endpoint: E, input: CallInput) => {
    const answer = await node.call(endpoint, { token: who.token, ...input })
    expect(answer, endpoint.path).toMatchObject({ status: 200 })
    return answer.body
  }
  const makeRoom = async (who: Person, body: object) => (await call(who, rooms.createRoom, { body })).room_id!
  const say = async (who: Person, roomId: string) => {
    const params = { roomId, eventType: 'm.room.message', txnId: `in ${roomId}` }
    return (await call(who, events.sendEvent, { params, body: { msgtype: 'm.text', body: 'Hello' } })).event_id!
  }
  const setKey = (roomId: string) =>
    call(ayse!, events.sendStateEvent, {
      params: { roomId, eventType: 'org.example.a', stateKey: 'key' },
      body: { a: 0 },
    })
  const leave = (roomId: string) => call(ayse!, rooms.leaveRoom, { params: { roomId }, body: {} })

  const roomId = await makeRoom(ayse!, { preset: 'public_chat', topic: 'Home' })
  await call(ayse!, setRoomAlias, { params: { roomAlias: '#old:localhost' }, body: { room_id: roomId } })
  const eventId = await say(ayse!, roomId)
  await setKey(roomId)
  const closedRoom = await makeRoom(mert!, { name: 'Closed' })
  const closedEvent = await say(mert!, closedRoom)
  const openRoom = await makeRoom(mert!, { preset: 'public_chat', room_alias_name: 'open' })
  const knockable = await makeRoom(mert!, {
    initial_state: [{ type: 'm.room.join_rules', content: { join_rule: 'knock' } }],
  })
  const upgraded = await makeRoom(ayse!, {})
  const [leaving, left] = [await makeRoom(ayse!, {}), await makeRoom(ayse!, {})]
  await leave(left)
  await call(can!, rooms.joinRoom, { params: { roomId }, body: {} })
  await call(ayse!, rooms.banUser, { params: { roomId }, body: { user_id: deniz!.userId } })
  const filter = await call(ayse!, defineFilter, { params: { userId: ayse!.userId }, body: { room: {} } })
  const [invite, oldInvite] = [
    await call(ayse!, createInvite, { body: {} }),
    await call(ayse!, createInvite, { body: {} }),
  ]
  await call(ayse!, reportEvent, { params: { roomId, eventId }, body: { reason: 'x' } })
  const emptied = await makeRoom(mert!, {})
  const deletion = await call(admin, deleteRoom, { params: { roomId: emptied }, body: { purge: false } })
  await node.worker.idle()
  await call(admin, createRegistrationToken, { body: { token: 'welcome' } })
  const announced = await call(ayse!, media.createMedia, { body: {} })
  const awaited = parseMxc(announced.content_uri)!
  const uploaded = await putFile(node, ayse!, 'a good file')
  const picture = await putFile(node, ayse!, Buffer.from(dot, 'base64'))
  const small = { width: '16', height: '16' }
  // It is drawn when it is asked for first.
  await call(ayse!, media.getThumbnail, { params: picture, query: small })
  // Nobody is called: the page has been looked at, tomorrow.
  const seenAt = node.clock.now() + 86_400_000
  await node.deps.sql`
    insert into url_previews (url, preview, fetched_at, expires_at)
    values ('http://seen.example/', '{"og:title":"Seen"}', ${seenAt}, ${seenAt + 86_400_000})`
  const spare = await Promise.all(['spare 1', 'spare 2'].map(() => logInAgain(node, 'ayse')))
  const short = await node.call(login, {
    body: {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: 'ayse' },
      password: goodPassword,
      refresh_token: true,
    },
  })

  const delay = async (txnId: string) => {
    const params = { roomId, eventType: 'm.room.message', txnId }
    const body = { delay: 3_600_000, content: { msgtype: 'm.text', body: 'Later' } }
    return (await call(ayse!, scheduleDelayedEvent, { params, body })).delay_id!
  }
  const [delayed, delayedToo] = [await delay('one'), await delay('two')]

  const userId = ayse!.userId
  const backup = (await call(ayse!, keyBackup.createBackup, { body: backupOf({}) })).version!
  const inBackup = { version: backup }
  const session = { roomId, sessionId: 'c' }
  await call(ayse!, keyBackup.putRoomKeyBySession, { params: session, query: inBackup, body: backedUpKey })
  await call(ayse!, putDehydratedDevice, { body: dehydratedDeviceOf(userId) })
  const own = { userId }
  const inRoom = { roomId }
  const message = { ...inRoom, eventType: 'm.room.message', txnId: 'good' }
  const topic = { ...inRoom, eventType: 'm.room.topic' }
  const withKey = { ...inRoom, eventType: 'org.example.a', stateKey: 'key' }
  const password = {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: 'ayse' },
    password: goodPassword,
  }
  const masterRule = { kind: 'override', ruleId: '.m.rule.master' }
  const ownRule = { kind: 'content', ruleId: 'cake' }
  for (const ruleId of ['tea', 'cake'])
    await call(ayse!, setPushRule, {
      params: { kind: 'content', ruleId },
      body: { pattern: ruleId, actions: [] },
    })
  const mailing = { client_secret: 'a.secret', send_attempt: 1, next_link: node.deps.config.publicUrl }
  const byMail = { body: { ...mailing, email: 'somebody@example.org' } }
  const byPhone = { body: { ...mailing, country: 'TR', phone_number: '5550100' } }
  const validation = { sid: 'validated', client_secret: 'a.secret' }
  await node.deps.sql`
    insert into mail_validations (sid, purpose, email, client_secret_hash, send_attempt, validated_at, expires_at)
    values ('validated', 'add', 'ayse@example.org', ${hashToken('a.secret')}, 1, 1, ${seenAt})`
  const bySecret = await signedWithSecret(node, 'by-secret')
  const calls: Record<string, CallInput> = {
    requestEmailForRegister: byMail,
    requestEmailForPassword: byMail,
    requestEmailForAccount: byMail,
    requestPhoneForRegister: byPhone,
    requestPhoneForPassword: byPhone,
    requestPhoneForAccount: byPhone,
    getEmailPage: { params: { sid: 'validated', token: 'a-token' } },
    confirmEmail: { params: { sid: 'validated', token: 'a-token' } },
    getThirdPartyIds: {},
    addThirdPartyId: { body: { ...validation, auth: password } },
    deleteThirdPartyId: { body: { medium: 'email', address: 'ayse@example.org', id_server: 'id.example.org' } },
    bindThirdPartyId: { body: { ...validation, id_server: 'id.example.org', id_access_token: 'x' } },
    bindThirdPartyIdByOldName: { body: { three_pid_creds: validation } },
    unbindThirdPartyId: { body: { medium: 'email', address: 'ayse@example.org', id_server: 'id.example.org' } },
    getVersions: {},
    getClientWellKnown: {},
    getWelcome: {},
    getLoginFlows: {},
    getCapabilities: {},
    whoami: {},
    getJoinedRooms: {},
    getMutualRooms: { query: { user_id: mert!.userId } },
    getUnstableMutualRooms: { query: { user_id: mert!.userId } },
    getDevices: {},
    getInvites: {},
    getPushRules: {},
    getSupport: {},
    getTurnServer: {},
    getProtocols: {},
    getProtocol: { params: { protocol: 'irc' } },
    findLocations: { params: { protocol: 'irc' } },
    findUsers: { params: { protocol: 'irc' } },
    findLocationsOfAlias: { query: { alias: '#open:localhost' } },
    findUsersOfUser: { query: { userid: mert!.userId } },
    getWhoIs: { params: { userId: ayse!.userId } },
    getLock: { params: { userId: mert!.userId } },
    getSuspension: { params: { userId: mert!.userId } },
    getTags: { params: { userId: ayse!.userId, roomId } },
    getGlobalPushRules: {},
    getPushers: {},
    getNotifications: { query: { limit: '5', only: 'highlight' } },
    getPushRule: { params: masterRule },
    isPushRuleEnabled: { params: masterRule },
    getPushRuleActions: { params: masterRule },
    getInvite: { params: { invite: invite.token! } },
    checkUsernameAvailability: { query: { username: 'free' } },
    checkRegistrationToken: { query: { token: invite.token! } },
    getProfile: { params: own },
    getDevice: { params: { deviceId: ayse!.deviceId } },
    getFilter: { params: { userId, filterId: filter.filter_id! } },
    sync: { query: { timeout: '0' } },
    getState: { params: inRoom },
    getStateEventEmptyKey: { params: topic, query: { format: 'content' } },
    getStateEventTrailingSlash: { params: topic, query: { format: 'event' } },
    getMembers: { params: inRoom, query: { membership: 'join' } },
    getJoinedMembers: { params: inRoom },
    getMessages: { params: inRoom, query: { dir: 'b', limit: '5' } },
    getEvent: { params: { ...inRoom, eventId } },
    getRoomAlias: { params: { roomAlias: '#open:localhost' } },
    getRoomAliases: { params: inRoom },
    getRoomVisibility: { params: inRoom },
    getPublicRooms: { query: { limit: '5', server: 'localhost' } },
    queryPublicRooms: {
      query: { server: 'localhost' },
      body: { limit: 5, filter: { generic_search_term: 'a', room_types: [null, 'm.space'] } },
    },
    getEventByTimestamp: { params: inRoom, query: { ts: '0', dir: 'f' } },
    getRoomInitialSync: { params: inRoom },
    getRoomEvents: { query: { room_id: roomId, from: 't0', timeout: '0' } },
    getRoomSummary: { params: { roomIdOrAlias: '#open:localhost' }, query: { via: 'localhost' } },
    getUnstableRoomSummary: { params: { roomIdOrAlias: roomId }, query: { via: 'localhost' } },
    getOldUnstableRoomSummary: { params: { roomIdOrAlias: roomId }, query: { via: 'localhost' } },
    getHierarchy: { params: inRoom, query: { suggested_only: 'false', limit: '5', max_depth: '2' } },
    getContext: { params: { ...inRoom, eventId }, query: { limit: '5' } },
    getMediaConfig: {},
    downloadMedia: { params: uploaded },
    downloadMediaAs: { params: { ...uploaded, fileName: 'a.txt' } },
    getThumbnail: { params: picture, query: small },
    getUrlPreview: { query: { url: 'http://seen.example/' } },
    getThumbnailUnauthenticated: { params: uploaded },
    downloadMediaUnauthenticated: { params: uploaded },
    downloadMediaAsUnauthenticated: { params: { ...uploaded, fileName: 'a.txt' } },
    getRelatingEvents: { params: { ...inRoom, eventId }, query: { dir: 'b', limit: '5', recurse: 'true' } },
    getRelatingEventsWithRelType: { params: { ...inRoom, eventId, relType: 'm.thread' } },
    getRelatingEventsWithRelTypeAndEventType: {
      params: { ...inRoom, eventId, relType: 'm.thread', eventType: 'm.room.message' },
    },
    getThreadRoots: { params: inRoom, query: { include: 'participated', limit: '5' } },
    getDelayedEvents: { query: { status: 'scheduled', type: 'm.room.message', dir: 'b' } },
    getDelayedEvent: { params: { delayId: delayed } },
    // From here on something changes, in this order.
    setProfileField: { params: { userId, keyName: 'displayname' }, body: { displayname: 'Ayşe' } },
    getProfileField: { params: { userId, keyName: 'displayname' } },
    deleteProfileField: { params: { userId, keyName: 'avatar_url' } },
    setAccountData: { params: { userId, type: 'org.example.a' }, body: { a: 1.5 } },
    getAccountData: { params: { userId, type: 'org.example.a' } },
    setRoomAccountData: { params: { userId, roomId, type: 'org.example.a' }, body: { a: 1 } },
    getRoomAccountData: { params: { userId, roomId, type: 'org.example.a' } },
    setTag: { params: { userId, roomId, tag: 'm.favourite' }, body: { order: 0.5 } },
    deleteTag: { params: { userId, roomId, tag: 'm.favourite' } },
    requestOpenIdToken: { params: own, body: {} },
    setLock: { params: { userId: mert!.userId }, body: { locked: false } },
    setSuspension: { params: { userId: mert!.userId }, body: { suspended: false } },
    defineFilter: { params: own, body: { room: { timeline: { limit: 5 } } } },
    search: {
      query: { next_batch: '900_0_1' },
      body: {
        search_categories: {
          room_events: {
            search_term: 'hello',
            keys: ['content.body'],
            order_by: 'recent',
            filter: { limit: 5 },
            event_context: { before_limit: 1, after_limit: 1, include_profile: true },
            include_state: true,
            groupings: { group_by: [{ key: 'room_id' }] },
          },
        },
      },
    },
    searchUserDirectory: { body: { search_term: 'mert', limit: 5 } },
    setPusher: {
      body: {
        pushkey: 'key',
        kind: 'http',
        app_id: 'org.example.app',
        app_display_name: 'App',
        device_display_name: 'Phone',
        profile_tag: 'x',
        lang: 'en',
        data: { url: 'https://gateway.example/_matrix/push/v1/notify', format: 'event_id_only' },
        append: true,
      },
    },
    setPushRule: { params: ownRule, query: { before: 'tea' }, body: { pattern: 'cake', actions: ['notify'] } },
    setPushRuleEnabled: { params: ownRule, body: { enabled: false } },
    setPushRuleActions: { params: ownRule, body: { actions: ['notify', { set_tweak: 'highlight' }] } },
    deletePushRule: { params: ownRule },
    uploadKeys: { body: { one_time_keys: { 'curve25519:a': 'x' }, fallback_keys: { 'curve25519:b': 'x' } } },
    queryKeys: { body: { timeout: 1_000, device_keys: { [userId]: [], [mert!.userId]: [mert!.deviceId] } } },
    claimKeys: { body: { timeout: 1_000, one_time_keys: { [userId]: { [ayse!.deviceId]: 'curve25519' } } } },
    getKeyChanges: { query: { from: 's0', to: 's1' } },
    uploadSigningKeys: { body: { master_key: masterKeyOf(userId) } },
    sendToDevice: {
      params: { eventType: 'org.example.a', txnId: 'good' },
      body: { messages: { [userId]: { '*': { a: 1 } } } },
    },
    getCurrentBackup: {},
    getBackup: { params: { version: backup } },
    updateBackup: { params: { version: backup }, body: backupOf({ a: 1 }) },
    putRoomKeys: { query: inBackup, body: { rooms: { [roomId]: { sessions: { a: backedUpKey } } } } },
    putRoomKeysByRoom: { params: inRoom, query: inBackup, body: { sessions: { b: backedUpKey } } },
    putRoomKeyBySession: { params: session, query: inBackup, body: backedUpKey },
    getRoomKeys: { query: inBackup },
    getRoomKeysByRoom: { params: inRoom, query: inBackup },
    getRoomKeyBySession: { params: session, query: inBackup },
    deleteRoomKeyBySession: { params: session, query: inBackup },
    deleteRoomKeysByRoom: { params: inRoom, query: inBackup },
    deleteRoomKeys: { query: inBackup },
    createBackup: { body: backupOf({}) },
    deleteBackup: { params: { version: backup } },
    putDehydratedDevice: { body: dehydratedDeviceOf(userId) },
    getDehydratedDevice: {},
    getDehydratedEvents: { params: { deviceId: 'SLEEPING' } },
    postDehydratedEvents: { params: { deviceId: 'SLEEPING' }, body: {} },
    deleteDehydratedDevice: {},
    uploadSignatures: { body: { [userId]: { [ayse!.deviceId]: { signatures: {} } } } },
    updateDevice: { params: { deviceId: ayse!.deviceId }, body: { display_name: 'Kitchen' } },
    createRoom: { body: { name: 'New' } },
    joinRoom: { params: { roomId: openRoom }, body: {} },
    joinRoomByIdOrAlias: { params: { roomIdOrAlias: '#open:localhost' }, query: { via: 'localhost' }, body: {} },
    knockRoom: { params: { roomIdOrAlias: knockable }, query: { via: 'localhost' }, body: { reason: 'me' } },
    pingAppservice: { params: { appserviceId: 'irc' }, body: { transaction_id: 'good' } },
    pingAppserviceUnstable: { params: { appserviceId: 'irc' }, body: { transaction_id: 'good' } },
    setNetworkVisibility: { params: { ...inRoom, networkId: 'irc' }, body: { visibility: 'public' } },
    setRoomVisibility: { params: inRoom, body: { visibility: 'public' } },
    setRoomAlias: { params: { roomAlias: '#new:localhost' }, body: { room_id: roomId } },
    deleteRoomAlias: { params: { roomAlias: '#old:localhost' } },
    reportRoom: { params: inRoom, body: { reason: 'x' } },
    reportEvent: { params: { ...inRoom, eventId }, body: { reason: 'x' } },
    reportUser: { params: { userId: mert!.userId }, body: { reason: '' } },
    inviteUser: { params: inRoom, body: { user_id: zeynep!.userId } },
    kickUser: { params: inRoom, body: { user_id: can!.userId, reason: 'x' } },
    banUser: { params: inRoom, body: { user_id: can!.userId } },
    unbanUser: { params: inRoom, body: { user_id: deniz!.userId } },
    sendEvent: { params: message, body: { msgtype: 'm.text', body: 'Hello' } },
    sendStateEvent: { params: withKey, body: { a: 1 } },
    getStateEvent: { params: withKey, query: { format: 'content' } },
    sendStateEventEmptyKey: { params: topic, body: { topic: 'a' } },
    sendStateEventTrailingSlash: { params: topic, body: { topic: 'b' } },
    scheduleDelayedEvent: { params: message, body: { delay: 60_000, state_key: '', content: { a: 1 } } },
    actOnDelayedEvent: { params: { delayId: delayed, action: 'restart' } },
    updateDelayedEvent: { params: { delayId: delayedToo }, body: { action: 'cancel' } },
    setTyping: { params: { ...inRoom, userId }, body: { typing: true, timeout: 5_000 } },
    setPresence: { params: { userId }, body: { presence: 'online', status_msg: 'here' } },
    getPresence: { params: { userId } },
    sendReceipt: { params: { ...inRoom, receiptType: 'm.read', eventId }, body: {} },
    setReadMarkers: { params: inRoom, body: { 'm.fully_read': eventId } },
    uploadMedia: { query: { filename: 'a.txt' }, body: 'a file' },
    createMedia: { body: {} },
    uploadToAddress: { params: { serverName: awaited.server, mediaId: awaited.mediaId }, body: 'a file' },
    redactEvent: { params: { ...inRoom, eventId, txnId: 'good' }, body: { reason: 'x' } },
    upgradeRoom: { params: { roomId: upgraded }, body: { new_version: '11', additional_creators: [] } },
    leaveRoom: { params: { roomId: leaving }, body: {} },
    forgetRoom: { params: { roomId: left }, body: {} },
    createInvite: { body: {} },
    deleteInvite: { params: { invite: oldInvite.invite_id! } },
    listRooms: { query: { order_by: 'size', dir: 'b', search_term: 'a', public_rooms: 'true', empty_rooms: 'false' } },
    getRoom: { params: inRoom },
    getMembersOfRoom: { params: inRoom },
    getRoomBlock: { params: inRoom },
    setRoomBlock: { params: { roomId: left }, body: { block: false } },
    deleteRoom: { params: { roomId: left }, body: { block: false, purge: true, force_purge: false } },
    getDeletionsOfRoom: { params: { roomId: emptied } },
    getDeletion: { params: { deleteId: deletion.delete_id! } },
    listUsers: {
      query: { name: 'a', admins: 'false', deactivated: 'true', order_by: 'displayname', dir: 'b', limit: '5' },
    },
    getUser: { params: own },
    getSessionsOfUser: { params: own },
    checkUsername: { query: { username: 'free' } },
    getRoomsOfUser: { params: own },
    getPushersOfUser: { params: own },
    getDevicesOfUser: { params: own },
    getDeviceOfUser: { params: { userId, deviceId: ayse!.deviceId } },
    updateDeviceOfUser: { params: { userId, deviceId: ayse!.deviceId }, body: { display_name: 'Cellar' } },
    deleteDeviceOfUser: { params: { userId: can!.userId, deviceId: can!.deviceId } },
    deleteDevicesOfUser: { params: { userId: can!.userId }, body: { devices: [can!.deviceId] } },
    putUser: {
      params: { userId: '@made:localhost' },
      body: {
        password: goodPassword,
        logout_devices: false,
        displayname: 'Made',
        avatar_url: '',
        admin: false,
        deactivated: false,
        locked: false,
        threepids: [],
        external_ids: [],
      },
    },
    resetPassword: { params: { userId: can!.userId }, body: { new_password: goodPassword, logout_devices: false } },
    endAccount: { params: { userId: can!.userId }, body: { erase: false } },
    getMediaOfUser: { params: own, query: { order_by: 'media_length', dir: 'f', limit: '5' } },
    getMediaInfo: { params: uploaded },
    getMediaUsage: { query: { order_by: 'media_count', search_term: 'a' } },
    quarantineMediaItem: { params: uploaded },
    unquarantineMediaItem: { params: uploaded },
    quarantineMediaOfUser: { params: { userId: can!.userId } },
    deleteMediaOfUser: { params: { userId: can!.userId }, query: { limit: '1' } },
    deleteOldMedia: { query: { before_ts: '1', size_gt: '1', keep_profiles: 'true' } },
    deleteMediaItem: { params: uploaded },
    getEventReports: { query: { dir: 'f', limit: '5', room_id: roomId } },
    getEventReport: { params: { reportId: '1' } },
    deleteEventReport: { params: { reportId: '1' } },
    getRegistrationNonce: {},
    sendServerNotice: {
      body: { user_id: zeynep!.userId, content: { msgtype: 'm.text', body: 'News' }, type: 'm.room.message' },
    },
    sendServerNoticeOnce: {
      params: { txnId: 'news' },
      body: { user_id: zeynep!.userId, content: { name: 'News' }, type: 'm.room.name', state_key: '' },
    },
    getRegistrationTokens: { query: { valid: 'true' } },
    getRegistrationToken: { params: { token: 'welcome' } },
    createRegistrationToken: { body: { token: 'another', uses_allowed: 3, expiry_time: null, length: 9 } },
    updateRegistrationToken: { params: { token: 'welcome' }, body: { uses_allowed: null, expiry_time: null } },
    deleteRegistrationToken: { params: { token: 'welcome' } },
    registerWithSecret: {
      body: {
        ...bySecret,
        admin: false,
        displayname: 'Somebody',
        user_type: null,
        inhibit_login: true,
      },
    },
    register: { body: { username: 'newcomer', password: goodPassword, auth: { type: 'm.login.dummy' } } },
    login: { body: password },
    refresh: { body: { refresh_token: short.body.refresh_token! } },
    deleteDevice: { params: { deviceId: spare[0]!.deviceId }, body: { auth: password } },
    deleteDevices: { body: { devices: [spare[1]!.deviceId], auth: password } },
    getLoginToken: { body: { auth: password } },
    changePassword: { body: { new_password: 'another cat altogether', logout_devices: false, auth: password } },
    deactivateAccount: {
      token: deniz!.token,
      body: { auth: { ...password, identifier: { type: 'm.id.user', user: 'deniz' } } },
    },
    logoutAll: { body: {} },
    logout: { body: {} },
  }
  const service = bridge.bot
  await call(service, rooms.joinRoom, { params: inRoom, body: {} })
  await settled(node)
  return {
    node,
    service,
    admin,
    ayse: ayse!,
    mert: mert!,
    closedRoom,
    closedEvent,
    shortToken: short.body.access_token!,
    calls,
  }
}

/** Who makes the good call of an endpoint. */
export function callerOf({ admin, ayse, service }: House, { auth, path }: Endpoint): Person {
  if (path.includes('/appservice/')) return service
  return auth === 'admin' ? admin : ayse
}

/** The path of a call, percent-encoded, and its query. */
export function targetOf(endpoint: Endpoint, { params = {}, query }: CallInput): string {
  const path = endpoint.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name]!))
  return query === undefined ? path : `${path}?${new URLSearchParams(query)}`
}

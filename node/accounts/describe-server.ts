import type { getCapabilities } from '#spec/api/client/capabilities.ts'
import type { getVersions } from '#spec/api/client/versions.ts'
import type { getClientWellKnown, getSupport } from '#spec/api/client/wellknown.ts'
import type { getWelcome } from '#spec/extensions/invites/api.ts'
import type { ResponseOf } from '#spec/endpoint.ts'
import { notFound } from '#spec/errors.ts'
import { isUserId } from '#spec/ids.ts'
import { defaultRoomVersion, roomVersionIds } from '#spec/room/versions.ts'
import type { Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'
import { canSendMail } from './mail/send-mail.ts'
import { isClaimed } from './store.ts'

/**
 * Everything that a server must do by this version is done, except for calls between servers. OAuth, which v1.15 brought, is a choice: clients take
 * the 404 of `auth_metadata` for a server without it. A later version is added when everything that it brought is served.
 */
const newestMinorVersion = 19

/** The most delayed events of a user that may wait at once. */
export const mostScheduledEvents = 100

export const versions: ResponseOf<typeof getVersions> = {
  versions: Array.from({ length: newestMinorVersion }, (_, i) => `v1.${i + 1}`),
  unstable_features: {
    /*
     * What is in the specification under its stable name, for clients that look for the proposal it was and not for the version.
     * Receipts that nobody else sees; threads; public rooms by their type; files for those with a token; profile fields of any name; redactions that are sent
     * as other events are; invitations that are blocked.
     */
    'org.matrix.msc2285.stable': true,
    'org.matrix.msc3440.stable': true,
    'org.matrix.msc3827.stable': true,
    'org.matrix.msc3916.stable': true,
    'uk.tcpip.msc4133.stable': true,
    'com.beeper.msc4169': true,
    'org.matrix.msc4380.stable': true,
    /** Delayed events. */
    'org.matrix.msc4140': true,
    /** Dehydrated devices. */
    'org.matrix.msc3814': true,
    /** Rooms in common, at the path of v1.19 and at the unstable one. */
    'uk.half-shot.msc2666.query_mutual_rooms': true,
    'uk.half-shot.msc2666.query_mutual_rooms.stable': true,
    /** Pushers that are switched off from another session. */
    'org.matrix.msc3881': true,
  },
}

export const wellKnown = (deps: Deps): ResponseOf<typeof getClientWellKnown> => ({
  'm.homeserver': { base_url: deps.config.publicUrl },
})

/** What the caller may do. */
export const capabilitiesOf = (deps: Deps, who: Identity): ResponseOf<typeof getCapabilities> => ({
  capabilities: {
    'm.change_password': { enabled: true },
    'm.room_versions': {
      default: defaultRoomVersion.id,
      available: Object.fromEntries(roomVersionIds.map((id) => [id, 'stable'])),
    },
    'm.profile_fields': { enabled: true },
    'm.set_displayname': { enabled: true },
    'm.set_avatar_url': { enabled: true },
    'm.3pid_changes': { enabled: canSendMail(deps) },
    'm.get_login_token': { enabled: who.appservice === undefined },
    'm.forget_forced_upon_leave': { enabled: false },
    'org.matrix.msc4140.delayed_events': {
      max_delay_ms: deps.config.longestEventDelayHours * 3_600_000,
      max_scheduled: mostScheduledEvents,
    },
    ...(who.isAdmin && { 'm.account_moderation': { suspend: true, lock: true } }),
  },
})

/** Whom to turn to. Throws M_NOT_FOUND where the administrator has said nothing. */
export function support({ config: { adminContact, supportPage } }: Deps): ResponseOf<typeof getSupport> {
  if (adminContact === undefined && supportPage === undefined)
    throw notFound('The administrator of this server has named nobody to turn to.')
  const contacts = adminContact?.map((contact) => ({
    role: 'm.role.admin',
    ...(isUserId(contact) ? { matrix_id: contact } : { email_address: contact }),
  }))
  return { ...(contacts && { contacts }), ...(supportPage !== undefined && { support_page: supportPage }) }
}

export const welcome = async (deps: Deps): Promise<ResponseOf<typeof getWelcome>> => ({
  server_name: deps.config.serverName,
  registration: deps.config.registration,
  claimed: await isClaimed(deps.sql),
  ...(deps.config.termsUrl !== undefined && { terms_url: deps.config.termsUrl }),
})

import * as devicesOfUsers from '#spec/api/admin/devices.ts'
import * as eventReports from '#spec/api/admin/event-reports.ts'
import * as governedMedia from '#spec/api/admin/media.ts'
import * as governedRooms from '#spec/api/admin/rooms.ts'
import * as users from '#spec/api/admin/users.ts'
import * as registrationTokens from '#spec/api/admin/registration-tokens.ts'
import * as serverNotices from '#spec/api/admin/server-notices.ts'
import * as sharedSecret from '#spec/api/admin/shared-secret.ts'
import * as account from '#spec/api/client/account.ts'
import * as accountData from '#spec/api/client/account-data.ts'
import * as admin from '#spec/api/client/admin.ts'
import * as appservices from '#spec/api/client/appservices.ts'
import * as capabilities from '#spec/api/client/capabilities.ts'
import * as delayedEvents from '#spec/api/client/delayed-events.ts'
import * as devices from '#spec/api/client/devices.ts'
import * as email from '#spec/api/client/email.ts'
import * as events from '#spec/api/client/events.ts'
import * as filter from '#spec/api/client/filter.ts'
import * as dehydratedDevice from '#spec/api/client/dehydrated-device.ts'
import * as keyBackup from '#spec/api/client/key-backup.ts'
import * as keys from '#spec/api/client/keys.ts'
import * as login from '#spec/api/client/login.ts'
import * as media from '#spec/api/client/media.ts'
import * as presence from '#spec/api/client/presence.ts'
import * as openId from '#spec/api/client/openid.ts'
import * as profile from '#spec/api/client/profile.ts'
import * as mutualRooms from '#spec/api/client/mutual-rooms.ts'
import * as notifications from '#spec/api/client/notifications.ts'
import * as pushRules from '#spec/api/client/push-rules.ts'
import * as pushers from '#spec/api/client/pushers.ts'
import * as receipts from '#spec/api/client/receipts.ts'
import * as register from '#spec/api/client/register.ts'
import * as reports from '#spec/api/client/reports.ts'
import * as roomDirectory from '#spec/api/client/room-directory.ts'
import * as roomPreviews from '#spec/api/client/room-previews.ts'
import * as roomUpgrades from '#spec/api/client/room-upgrades.ts'
import * as relations from '#spec/api/client/relations.ts'
import * as rooms from '#spec/api/client/rooms.ts'
import * as search from '#spec/api/client/search.ts'
import * as spaces from '#spec/api/client/spaces.ts'
import * as sync from '#spec/api/client/sync.ts'
import * as toDevice from '#spec/api/client/to-device.ts'
import * as tags from '#spec/api/client/tags.ts'
import * as thirdPartyIds from '#spec/api/client/third-party-ids.ts'
import * as thirdPartyLookup from '#spec/api/client/third-party-lookup.ts'
import * as typing from '#spec/api/client/typing.ts'
import * as userDirectory from '#spec/api/client/user-directory.ts'
import * as versions from '#spec/api/client/versions.ts'
import * as voip from '#spec/api/client/voip.ts'
import * as wellknown from '#spec/api/client/wellknown.ts'
import type { Endpoint } from '#spec/endpoint.ts'
import * as emailPages from '#spec/extensions/email/api.ts'
import * as invites from '#spec/extensions/invites/api.ts'

const modules = {
  versions,
  wellknown,
  capabilities,
  register,
  login,
  account,
  email,
  emailPages,
  thirdPartyIds,
  admin,
  openId,
  tags,
  thirdPartyLookup,
  voip,
  devices,
  profile,
  accountData,
  filter,
  userDirectory,
  search,
  rooms,
  reports,
  roomDirectory,
  roomUpgrades,
  roomPreviews,
  spaces,
  events,
  delayedEvents,
  relations,
  sync,
  keys,
  toDevice,
  keyBackup,
  dehydratedDevice,
  pushRules,
  mutualRooms,
  notifications,
  pushers,
  receipts,
  typing,
  media,
  presence,
  appservices,
  invites,
  sharedSecret,
  serverNotices,
  registrationTokens,
  users,
  devicesOfUsers,
  governedMedia,
  eventReports,
  governedRooms,
}

/** Every endpoint by the name it is exported under; schemas and types that stand beside them are left out. */
export const endpoints: Readonly<Record<string, Endpoint>> = Object.fromEntries(
  Object.values(modules).flatMap((module) => Object.entries(module).filter(isEndpoint)),
)

function isEndpoint(entry: [string, unknown]): entry is [string, Endpoint] {
  const value = entry[1]
  return typeof value === 'object' && value !== null && 'method' in value && 'path' in value && 'limit' in value
}

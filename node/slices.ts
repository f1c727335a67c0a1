import type { Slice } from '#node/slice.ts'
import { accounts } from '#node/accounts/slice.ts'
import { devices } from '#node/devices/slice.ts'
import { rooms } from '#node/rooms/slice.ts'
import { keys } from '#node/keys/slice.ts'
import { toDevice } from '#node/to-device/slice.ts'
import { keyBackup } from '#node/key-backup/slice.ts'
import { ephemeral } from '#node/ephemeral/slice.ts'
import { presence } from '#node/presence/slice.ts'
import { push } from '#node/push/slice.ts'
import { sync } from '#node/sync/slice.ts'
import { media } from '#node/media/slice.ts'
import { directory } from '#node/directory/slice.ts'
import { reports } from '#node/reports/slice.ts'
import { search } from '#node/search/slice.ts'
import { scheduled } from '#node/scheduled/slice.ts'
import { appservices } from '#node/appservices/slice.ts'
import { admin } from '#node/admin/slice.ts'

/** The capabilities of the node. A slice imports only those above it; what happens in one reaches those below through `onEvents` and the log. */
export const slices: readonly Slice[] = [
  accounts,
  devices,
  rooms,
  keys,
  toDevice,
  keyBackup,
  ephemeral,
  presence,
  push,
  sync,
  media,
  directory,
  reports,
  search,
  scheduled,
  appservices,
  admin,
]

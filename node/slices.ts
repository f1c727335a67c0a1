import type { Slice } from '#node/slice.ts'
import { accounts } from '#node/accounts/slice.ts'
import { devices } from '#node/devices/slice.ts'
import { rooms } from '#node/rooms/slice.ts'
import { directory } from '#node/directory/slice.ts'

/** The capabilities of the node. A slice imports only those above it; what happens in one reaches those below through `onEvents` and the log. */
export const slices: readonly Slice[] = [accounts, devices, rooms, directory]

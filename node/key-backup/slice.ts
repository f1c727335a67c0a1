import type { Slice } from '#node/slice.ts'
import { routes } from './http.ts'

/** Where people keep the keys of what was said, encrypted, for the devices that they will have. */
export const keyBackup: Slice = { name: 'key-backup', routes }

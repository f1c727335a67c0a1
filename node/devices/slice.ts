import type { Slice } from '#node/slice.ts'
import { routes } from './http.ts'

/** A user's own view of the places they are logged in at. */
export const devices: Slice = { name: 'devices', routes }

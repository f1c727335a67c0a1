import type { Slice } from '#node/slice.ts'
import { routes } from './http.ts'
import { onEvents } from './on-events.ts'

/** What asks for a person's attention: for now, how many messages they have not read. */
export const push: Slice = { name: 'push', routes, onEvents }

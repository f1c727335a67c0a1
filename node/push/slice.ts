import type { Slice } from '#node/slice.ts'
import { routes } from './http.ts'
import { onEvents } from './on-events.ts'

/** What asks for a person's attention: how many messages they have not read, which of them mention them, and the predefined push rules. */
export const push: Slice = { name: 'push', routes, onEvents }

import type { Slice } from '#node/slice.ts'
import { routes } from './http.ts'
import { keepUp } from './keep-up.ts'

/** Finding what was said. */
export const search: Slice = { name: 'search', routes, start: (deps) => Promise.resolve(keepUp(deps)) }

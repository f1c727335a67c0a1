import type { Slice } from '#node/slice.ts'
import { routes } from './http.ts'

/** Finding people and rooms. */
export const directory: Slice = { name: 'directory', routes }

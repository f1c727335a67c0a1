import type { Slice } from '#node/slice.ts'
import { routes } from './http.ts'

/** What people report to those who administer the server. */
export const reports: Slice = { name: 'reports', routes }

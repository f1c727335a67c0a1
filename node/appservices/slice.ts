import type { JobKind } from '#node/jobs/job-kind.ts'
import type { Slice } from '#node/slice.ts'
import { routes } from './http.ts'
import { onEvents } from './on-events.ts'
import { startTelling } from './start-telling.ts'
import { tellJob } from './tell-job.ts'

/** Bridges and bots of their own kind: what they are told, and the rooms that they list. Who they are, the accounts know. */
export const appservices: Slice = {
  name: 'appservices',
  routes,
  onEvents,
  jobs: [tellJob as JobKind],
  start: (deps) => startTelling(deps),
}

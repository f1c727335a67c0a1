import { enqueueAlone } from '#node/jobs/enqueue.ts'
import type { Slice } from '#node/slice.ts'
import { auditCall, forgetCalls } from './audit.ts'
import { deletingRoom, forgettingRoom } from './delete-room.ts'
import { routes } from './http.ts'

/** What administrators do, by the endpoints that their tools know. */
export const admin: Slice = {
  name: 'admin',
  routes,
  jobs: [forgetCalls, deletingRoom, forgettingRoom],
  onAdminCall: auditCall,
  start: (deps) => enqueueAlone(deps, forgetCalls, {}, { key: 'forget-calls' }),
}

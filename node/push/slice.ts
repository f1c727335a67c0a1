import type { JobKind } from '#node/jobs/job-kind.ts'
import type { Slice } from '#node/slice.ts'
import { onDeactivation } from '#node/accounts/moderation/deactivate.ts'
import { onReplacementJoined } from '#node/rooms/carry-settings.ts'
import { carryRules } from './carry-rules.ts'
import { keepForgetting } from './forget-read.ts'
import { routes } from './http.ts'
import { onEvents } from './on-events.ts'
import { startPushers } from './pushers/awaken.ts'
import { pushJob } from './pushers/push-job.ts'
import { changeRules } from './rules.ts'
import { watchSettings } from './settings.ts'
import { deleteAttention } from './store.ts'

/** What asks for a person's attention: push rules, how many messages and mentions are unread by them, and pushes to their phones. */
export const push: Slice = {
  name: 'push',
  routes,
  onEvents,
  jobs: [pushJob as JobKind],
  start: async (deps) => {
    watchSettings(deps)
    await startPushers(deps)
    const end = onReplacementJoined(deps, (userId, replacement) =>
      changeRules(deps, userId, (ruleset) => carryRules(ruleset, replacement)),
    )
    const endDeactivation = onDeactivation(deps, (tx, { userId }) => deleteAttention(tx, userId))
    const endForgetting = keepForgetting(deps)
    return async () => {
      end()
      endDeactivation()
      endForgetting()
    }
  },
}

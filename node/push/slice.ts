import type { Slice } from '#node/slice.ts'
import { onReplacementJoined } from '#node/rooms/carry-settings.ts'
import { carryRules } from './carry-rules.ts'
import { routes } from './http.ts'
import { onEvents } from './on-events.ts'
import { changeRules } from './rules.ts'
import { watchSettings } from './settings.ts'

/** What asks for a person's attention: push rules, and how many messages and mentions are unread by them. */
export const push: Slice = {
  name: 'push',
  routes,
  onEvents,
  start: async (deps) => {
    watchSettings(deps)
    const end = onReplacementJoined(deps, (userId, replacement) =>
      changeRules(deps, userId, (ruleset) => carryRules(ruleset, replacement)),
    )
    return async () => end()
  },
}

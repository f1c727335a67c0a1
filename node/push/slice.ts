import type { Slice } from '#node/slice.ts'
import { onReplacementJoined } from '#node/rooms/carry-settings.ts'
import { carryRules } from './carry-rules.ts'
import { routes } from './http.ts'
import { onEvents } from './on-events.ts'
import { changeRules } from './rules.ts'

/** What asks for a person's attention: how many messages they have not read, which of them mention them, and the predefined push rules. */
export const push: Slice = {
  name: 'push',
  routes,
  onEvents,
  start: async (deps) => {
    const end = onReplacementJoined(deps, (userId, replacement) =>
      changeRules(deps, userId, (ruleset) => carryRules(ruleset, replacement)),
    )
    return async () => end()
  },
}

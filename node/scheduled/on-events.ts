import type { OnEvents } from '#node/slice.ts'
import { write } from '#node/stream/commit.ts'
import { replacementKind } from './facts.ts'
import { isScheduledState } from './scheduled-state.ts'

export const onEvents: OnEvents = (deps, { event: { room_id: roomId, type, state_key: stateKey, sender } }) => {
  if (stateKey === undefined) return []
  const place = { roomId, type, stateKey }
  if (!isScheduledState(deps, place)) return []
  return [write(replacementKind, { ...place, sender, at: deps.clock.now() })]
}

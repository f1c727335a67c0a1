import { perNode, type Deps } from '#node/deps.ts'
import type { StatePlace } from './store.ts'

/** Pieces of state that somebody has scheduled an event for: what nobody has is not looked up in the database. */
const placesOf = perNode(() => new Set<string>())
const keyOf = ({ roomId, type, stateKey }: StatePlace) => `${roomId} ${type} ${stateKey}`

export const noteScheduledState = (deps: Deps, place: StatePlace) => placesOf(deps).add(keyOf(place))
export const isScheduledState = (deps: Deps, place: StatePlace): boolean => placesOf(deps).has(keyOf(place))

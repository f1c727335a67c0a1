import type { DeviceId, UserId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import { announceSoon } from './announce.ts'
import type { PresenceState } from './facts.ts'
import { graceMs, idleAfterMs, peopleOf, personOf, type Person } from './people.ts'

interface Who {
  readonly userId: UserId
  readonly deviceId: DeviceId
}

/**
 * A device waits for news, by `/sync` or on a stream, and is there as long as it does; the answer is called when it no longer waits.
 * `offline`: it reads without being seen.
 */
export function connect(deps: Deps, who: Who, state: PresenceState): () => void {
  if (!deps.config.presence || state === 'offline') return () => undefined
  const person = setDevice(deps, who, state)
  const device = person.devices.get(who.deviceId)!
  device.connections++
  device.cancelLeaving()
  announceSoon(deps, person)
  return () => {
    if (--device.connections === 0) leaveLater(deps, person, who.deviceId)
  }
}

/** Says of a device whether it is there; it stays so while it waits for news, and a moment beyond. */
export function setDeviceState(deps: Deps, who: Who, state: PresenceState): Person {
  if (state !== 'offline') {
    const person = setDevice(deps, who, state)
    if (state === 'online') beActive(deps, person)
    if (person.devices.get(who.deviceId)!.connections === 0) leaveLater(deps, person, who.deviceId)
    return person
  }
  const person = personOf(deps, who.userId)
  person.devices.get(who.deviceId)?.cancelLeaving()
  person.devices.delete(who.deviceId)
  return person
}

function setDevice(deps: Deps, { userId, deviceId }: Who, state: 'online' | 'unavailable'): Person {
  const person = personOf(deps, userId)
  const device = person.devices.get(deviceId)
  // To come back is to do something; to go on waiting is not.
  if (state === 'online' && device?.state !== 'online') beActive(deps, person)
  if (device) device.state = state
  else person.devices.set(deviceId, { state, connections: 0, cancelLeaving: () => undefined })
  return person
}

function leaveLater(deps: Deps, person: Person, deviceId: DeviceId): void {
  const device = person.devices.get(deviceId)
  if (!device) return
  device.cancelLeaving()
  device.cancelLeaving = deps.clock.after(graceMs, () => {
    if (person.devices.get(deviceId) !== device) return
    person.devices.delete(deviceId)
    announceSoon(deps, person)
  })
}

/** Somebody who does something is there, if one of their devices is. */
export function noteActive(deps: Deps, userId: UserId): void {
  const person = peopleOf(deps).all.get(userId)
  if (!person || person.devices.size === 0) return
  beActive(deps, person)
  if (person.announced.state !== 'online') announceSoon(deps, person)
}

function beActive(deps: Deps, person: Person): void {
  person.lastActiveAt = deps.clock.now()
  if (!person.cancelIdling) idleLater(deps, person, idleAfterMs)
}

/** One timer, however much they do: when it ends it looks how long ago that was. */
function idleLater(deps: Deps, person: Person, ms: number): void {
  person.cancelIdling = deps.clock.after(ms, () => {
    person.cancelIdling = undefined
    const left = person.lastActiveAt + idleAfterMs - deps.clock.now()
    if (left > 0) idleLater(deps, person, left)
    else announceSoon(deps, person)
  })
}

/** Those who were there when the node stopped are taken to be so, until they have not come back for a while. */
export function restore(deps: Deps, person: Person, state: PresenceState, lastActiveAt: number): void {
  person.lastActiveAt = lastActiveAt
  if (state === 'offline') return
  const before = '' as DeviceId
  person.devices.set(before, { state, connections: 0, cancelLeaving: () => undefined })
  leaveLater(deps, person, before)
  idleLater(deps, person, Math.max(0, lastActiveAt + idleAfterMs - deps.clock.now()))
}

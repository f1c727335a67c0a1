import { deviceListsSince } from '#node/keys/device-lists.ts'
import { keySupply } from '#node/keys/supply.ts'
import type { Deps } from '#node/deps.ts'
import { readInbox } from '#node/to-device/read-inbox.ts'
import type { Plan } from './plan-rooms.ts'
import type { Reader } from './reader.ts'

/** What an answer says to a device for its encryption, each part as it stands in the answer. */
export interface DeviceParts {
  /** What a device that waits has to hear. */
  readonly news: readonly string[]
  /** What is in every answer: how many of its keys are left. A device that hears nothing of them makes new ones, or none. */
  readonly supply: readonly string[]
  /** More was sent to the device than fits. */
  readonly hasMore: boolean
}

/** Answers nothing where the answer has to be made anew: `readInbox` tells when. */
export async function readDeviceParts(
  deps: Deps,
  reader: Reader,
  { since, head, joined }: Plan,
  acknowledged: number,
): Promise<DeviceParts | undefined> {
  const [lists, supply, inbox] = await Promise.all([
    since === undefined ? undefined : deviceListsSince(deps, reader.userId, since, joined),
    keySupply(deps, reader),
    readInbox(deps, reader, { since: since ?? -1, acknowledged, head }),
  ])
  if (inbox === undefined) return undefined
  const hasLists = lists !== undefined && lists.changed.length + lists.left.length > 0
  return {
    news: [
      ...(inbox.events.length > 0 ? [`"to_device":{"events":[${inbox.events.join(',')}]}`] : []),
      ...(hasLists ? [`"device_lists":${JSON.stringify(lists)}`] : []),
    ],
    hasMore: inbox.hasMore,
    supply: [
      `"device_one_time_keys_count":${supply.counts}`,
      `"device_unused_fallback_key_types":${supply.unusedFallbacks}`,
    ],
  }
}

import type { SyncResponse } from '#spec/api/client/sync.ts'
import type { UserId } from '#spec/ids.ts'

/** A message from another device, in no room. */
export type ToDeviceMessage = NonNullable<NonNullable<SyncResponse['to_device']>['events']>[number]

/** What an answer of the node says of this device's encryption. */
export interface DeviceNews {
  /** Messages to this device, in the order in which they came. One may come a second time. */
  readonly messages: readonly ToDeviceMessage[]
  /** Whose devices and keys have to be asked for again. */
  readonly changed: readonly UserId[]
  /** Whose devices need not be followed any more. */
  readonly left: readonly UserId[]
  /** One-time keys of this device that nobody has claimed, by algorithm; absent where the answer does not say. */
  readonly oneTimeKeyCounts: Readonly<Record<string, number>> | undefined
  /** Algorithms of which this device has a fallback key that nobody has used; absent where the answer does not say. */
  readonly unusedFallbackKeys: readonly string[] | undefined
}

/** What an answer says of this device, if it says anything. */
export function deviceNewsOf(answer: SyncResponse): DeviceNews | undefined {
  const { to_device, device_lists, device_one_time_keys_count, device_unused_fallback_key_types } = answer
  const parts = [to_device, device_lists, device_one_time_keys_count, device_unused_fallback_key_types]
  if (parts.every((part) => part === undefined)) return undefined
  return {
    messages: to_device?.events ?? [],
    changed: device_lists?.changed ?? [],
    left: device_lists?.left ?? [],
    oneTimeKeyCounts: device_one_time_keys_count,
    unusedFallbackKeys: device_unused_fallback_key_types,
  }
}

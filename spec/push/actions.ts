import { isJsonObject, type Json, type JsonObject } from '#spec/json.ts'
import { member } from '#spec/room/content.ts'
import type { PushAction } from './push-rule.ts'

/*
 * The actions of push rules. Client-Server API, "Actions".
 */

/** What actions come to. */
export interface Notification {
  /** True if the member is to be notified at all. */
  readonly notify: boolean
  /** True if the message is to stand out. */
  readonly highlight: boolean
  /** What the push gateway is sent as `tweaks`; `highlight` without a value is `true` here. */
  readonly tweaks: JsonObject
}

/** Actions of older versions, which do nothing. "Historical Actions". */
const isHistorical = (action: PushAction): boolean => action === 'dont_notify' || action === 'coalesce'

/** Actions without those that do nothing. */
export const withoutHistorical = (actions: readonly PushAction[]): readonly PushAction[] =>
  actions.some(isHistorical) ? actions.filter((action) => !isHistorical(action)) : actions

/** True for an action of the specification, historical ones included. */
export const isPushAction = (value: unknown): value is PushAction =>
  value === 'notify' ||
  value === 'dont_notify' ||
  value === 'coalesce' ||
  (isJsonObject(value) && typeof member(value, 'set_tweak') === 'string')

/** What a rule's actions come to. Of a tweak that is set twice, the last counts; what is not understood is passed over. */
export function notificationOf(actions: readonly PushAction[]): Notification {
  const tweaks = Object.fromEntries(actions.flatMap(tweakOf))
  return { notify: actions.includes('notify'), highlight: member(tweaks, 'highlight') === true, tweaks }
}

function tweakOf(action: PushAction): [name: string, value: Json][] {
  if (typeof action === 'string') return []
  const name = member(action, 'set_tweak')
  const value = Object.hasOwn(action, 'value') ? action['value'] : name === 'highlight' ? true : undefined
  return typeof name === 'string' && value !== undefined ? [[name, value]] : []
}

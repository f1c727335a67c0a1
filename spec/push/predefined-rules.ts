import type { UserId } from '#spec/ids.ts'

export type PushAction = 'notify' | { readonly set_tweak: string; readonly value?: unknown }

export type PushCondition =
  | { readonly kind: 'event_match'; readonly key: string; readonly pattern: string }
  | {
      readonly kind: 'event_property_is' | 'event_property_contains'
      readonly key: string
      readonly value: string | number | boolean | null
    }
  | { readonly kind: 'room_member_count'; readonly is: string }
  | { readonly kind: 'sender_notification_permission'; readonly key: string }

export interface PushRule {
  readonly rule_id: string
  readonly default: boolean
  readonly enabled: boolean
  readonly conditions?: readonly PushCondition[]
  readonly pattern?: string
  readonly actions: readonly PushAction[]
}

/** Rules by kind, each list in the order in which it is tried. */
export interface PushRuleset {
  readonly override: readonly PushRule[]
  readonly content: readonly PushRule[]
  readonly room: readonly PushRule[]
  readonly sender: readonly PushRule[]
  readonly underride: readonly PushRule[]
}

/** What every user begins with. Source: Client-Server API, "Push Notifications", "Predefined Rules". */
export const predefinedRules = (userId: UserId): PushRuleset => ({
  override: [
    { ...rule('.m.rule.master', [], []), enabled: false },
    rule('.m.rule.suppress_notices', [matches('content.msgtype', 'm.notice')], []),
    rule(
      '.m.rule.invite_for_me',
      [matches('type', 'm.room.member'), matches('content.membership', 'invite'), matches('state_key', userId)],
      ['notify', sound('default')],
    ),
    rule('.m.rule.member_event', [matches('type', 'm.room.member')], []),
    rule(
      '.m.rule.is_user_mention',
      [{ kind: 'event_property_contains', key: 'content.m\\.mentions.user_ids', value: userId }],
      ['notify', sound('default'), highlight],
    ),
    rule(
      '.m.rule.is_room_mention',
      [
        { kind: 'event_property_is', key: 'content.m\\.mentions.room', value: true },
        { kind: 'sender_notification_permission', key: 'room' },
      ],
      ['notify', highlight],
    ),
    rule('.m.rule.tombstone', [matches('type', 'm.room.tombstone'), matches('state_key', '')], ['notify', highlight]),
    rule('.m.rule.reaction', [matches('type', 'm.reaction')], []),
    rule('.m.rule.room.server_acl', [matches('type', 'm.room.server_acl'), matches('state_key', '')], []),
    rule(
      '.m.rule.suppress_edits',
      [{ kind: 'event_property_is', key: 'content.m\\.relates_to.rel_type', value: 'm.replace' }],
      [],
    ),
  ],
  content: [],
  room: [],
  sender: [],
  underride: [
    rule('.m.rule.call', [matches('type', 'm.call.invite')], ['notify', sound('ring')]),
    rule(
      '.m.rule.encrypted_room_one_to_one',
      [twoMembers, matches('type', 'm.room.encrypted')],
      ['notify', sound('default')],
    ),
    rule('.m.rule.room_one_to_one', [twoMembers, matches('type', 'm.room.message')], ['notify', sound('default')]),
    rule('.m.rule.message', [matches('type', 'm.room.message')], ['notify']),
    rule('.m.rule.encrypted', [matches('type', 'm.room.encrypted')], ['notify']),
  ],
})

function rule(rule_id: string, conditions: readonly PushCondition[], actions: readonly PushAction[]): PushRule {
  return { rule_id, default: true, enabled: true, conditions, actions }
}

const matches = (key: string, pattern: string): PushCondition => ({ kind: 'event_match', key, pattern })
const sound = (value: string): PushAction => ({ set_tweak: 'sound', value })
const highlight: PushAction = { set_tweak: 'highlight' }
const twoMembers: PushCondition = { kind: 'room_member_count', is: '2' }

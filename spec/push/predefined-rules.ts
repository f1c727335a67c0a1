import type { UserId } from '#spec/ids.ts'
import type { PushAction, PushCondition, PushRule, PushRuleset } from './push-rule.ts'

/** The predefined rule that stands above all others, users' own ones too. */
export const masterRuleId = '.m.rule.master'

/** True for the ids of predefined rules, known or not. */
export const isPredefinedId = (ruleId: string): boolean => ruleId.startsWith('.')

/**
 * What every user begins with. Rules that do not name the user are the same objects for everybody, so that they are compiled once.
 * Source: Client-Server API, "Predefined Rules".
 */
export const predefinedRules = (userId: UserId): PushRuleset => ({
  override: [
    master,
    suppressNotices,
    rule(
      '.m.rule.invite_for_me',
      [matches('type', 'm.room.member'), matches('content.membership', 'invite'), matches('state_key', userId)],
      ['notify', sound('default')],
    ),
    memberEvent,
    rule(
      '.m.rule.is_user_mention',
      [{ kind: 'event_property_contains', key: String.raw`content.m\.mentions.user_ids`, value: userId }],
      ['notify', sound('default'), highlight],
    ),
    ...otherOverrides,
  ],
  content: [],
  room: [],
  sender: [],
  underride,
})

function rule(rule_id: string, conditions: readonly PushCondition[], actions: readonly PushAction[]): PushRule {
  return { rule_id, default: true, enabled: true, conditions, actions }
}

const matches = (key: string, pattern: string): PushCondition => ({ kind: 'event_match', key, pattern })
const sound = (value: string): PushAction => ({ set_tweak: 'sound', value })
const highlight: PushAction = { set_tweak: 'highlight' }
const twoMembers: PushCondition = { kind: 'room_member_count', is: '2' }

const master: PushRule = { ...rule(masterRuleId, [], []), enabled: false }
const suppressNotices = rule('.m.rule.suppress_notices', [matches('content.msgtype', 'm.notice')], [])
const memberEvent = rule('.m.rule.member_event', [matches('type', 'm.room.member')], [])

const otherOverrides: readonly PushRule[] = [
  rule(
    '.m.rule.is_room_mention',
    [
      { kind: 'event_property_is', key: String.raw`content.m\.mentions.room`, value: true },
      { kind: 'sender_notification_permission', key: 'room' },
    ],
    ['notify', highlight],
  ),
  rule('.m.rule.tombstone', [matches('type', 'm.room.tombstone'), matches('state_key', '')], ['notify', highlight]),
  rule('.m.rule.reaction', [matches('type', 'm.reaction')], []),
  rule('.m.rule.room.server_acl', [matches('type', 'm.room.server_acl'), matches('state_key', '')], []),
  rule(
    '.m.rule.suppress_edits',
    [{ kind: 'event_property_is', key: String.raw`content.m\.relates_to.rel_type`, value: 'm.replace' }],
    [],
  ),
]

const underride: readonly PushRule[] = [
  rule('.m.rule.call', [matches('type', 'm.call.invite')], ['notify', sound('ring')]),
  rule(
    '.m.rule.encrypted_room_one_to_one',
    [twoMembers, matches('type', 'm.room.encrypted')],
    ['notify', sound('default')],
  ),
  rule('.m.rule.room_one_to_one', [twoMembers, matches('type', 'm.room.message')], ['notify', sound('default')]),
  rule('.m.rule.message', [matches('type', 'm.room.message')], ['notify']),
  rule('.m.rule.encrypted', [matches('type', 'm.room.encrypted')], ['notify']),
]

import { isJsonObject, type Json, type JsonObject } from '#spec/json.ts'
import { member } from './content.ts'
import type { RoomVersion } from './versions.ts'

/** The type and the state key of a state event. */
export type StateNeed = readonly [type: string, stateKey: string]

/** What of an event decides which state it must cite. */
export interface EventOutline {
  readonly type: string
  readonly sender: string
  readonly state_key?: string | undefined
  readonly content: JsonObject
}

const create: StateNeed = ['m.room.create', '']
const powerLevels: StateNeed = ['m.room.power_levels', '']
const joinRules: StateNeed = ['m.room.join_rules', '']

/**
 * The state that an event must cite in `auth_events`, as far as the room has it, and that the auth rules look at.
 * No pair comes twice. Server-Server API, "Auth events selection".
 */
export function authNeeds(version: RoomVersion, event: EventOutline): readonly StateNeed[] {
  if (event.type === 'm.room.create') return []
  const sender: StateNeed = ['m.room.member', event.sender]
  const needs = version.roomIdIsCreateHash ? [powerLevels, sender] : [create, powerLevels, sender]
  if (event.type === 'm.room.member') addMemberNeeds(version, event, needs)
  return needs
}

function addMemberNeeds(version: RoomVersion, event: EventOutline, needs: StateNeed[]): void {
  const { content } = event
  const membership = content['membership']
  if (event.state_key !== undefined) addMember(needs, event.state_key)
  // Knocks too where nobody can knock: the selection knows no versions here, and rule 5.8 refuses them.
  if (membership === 'join' || membership === 'invite' || membership === 'knock') needs.push(joinRules)
  if (membership === 'invite') {
    const token = tokenOf(content)
    if (typeof token === 'string') needs.push(['m.room.third_party_invite', token])
  }
  if (membership === 'join' && version.restrictedJoins) {
    const authorisingUser = member(content, 'join_authorised_via_users_server')
    if (typeof authorisingUser === 'string') addMember(needs, authorisingUser)
  }
}

function addMember(needs: StateNeed[], user: string): void {
  if (!needs.some(([type, key]) => type === 'm.room.member' && key === user)) needs.push(['m.room.member', user])
}

function tokenOf(content: JsonObject): Json | undefined {
  const invite = member(content, 'third_party_invite')
  const signed = isJsonObject(invite) ? member(invite, 'signed') : undefined
  return isJsonObject(signed) ? member(signed, 'token') : undefined
}

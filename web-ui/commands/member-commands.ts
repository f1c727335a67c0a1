import { msg } from '@lingui/core/macro'
import { MessageCircle, UserMinus, UserX } from 'lucide-react'
import type { Client } from '#client-sdk/client.ts'
import type { Member } from '#client-sdk/members.ts'
import type { Room } from '#client-sdk/room.ts'
import type { RoomId } from '#spec/ids.ts'
import type { Command } from './command.ts'

export interface MemberTarget {
  client: Client
  room: Room
  member: Member
  openChat: (roomId: RoomId) => void
}

const isOther = ({ client, member }: MemberTarget) => member.userId !== client.session.get()?.userId

export const writeToMember: Command<MemberTarget> = {
  name: 'write-to-member',
  label: msg`Write a message`,
  Icon: MessageCircle,
  allowed: (target) => isOther(target) && !target.room.summary.get().isDirect,
  async run({ client, member, openChat }) {
    openChat(await client.createDirectChat(member.userId))
  },
}

export const withdrawInvite: Command<MemberTarget> = {
  name: 'withdraw-invite',
  label: msg`Take back invitation`,
  Icon: UserX,
  allowed: ({ room, member }) => member.membership === 'invite' && room.may.get().kick(member.userId),
  run: ({ room, member }) => room.kick(member.userId),
}

export const removeMember: Command<MemberTarget> = {
  name: 'remove-member',
  label: msg`Remove from group`,
  Icon: UserMinus,
  danger: true,
  confirm: ({ member }) => ({
    title: msg`Remove ${member.name}?`,
    text: msg`They get no more messages from this group. What they have read stays with them.`,
  }),
  allowed: (target) =>
    isOther(target) && target.member.membership === 'join' && target.room.may.get().kick(target.member.userId),
  run: ({ room, member }) => room.kick(member.userId),
}

export const memberCommands: readonly Command<MemberTarget>[] = [writeToMember, withdrawInvite, removeMember]

import { msg } from '@lingui/core/macro'
import { LogOut, Pencil, UserPlus } from 'lucide-react'
import type { Room } from '#client-sdk/room.ts'
import type { Command } from './command.ts'

export interface ChatTarget {
  room: Room
  /** As the reader's language calls the chat. */
  name: string
  /** Opens a place or a dialog of the screen that offers the command. */
  open: (what: 'invite' | 'rename' | 'chats') => void
}

const isGroup = ({ room }: ChatTarget) => !room.summary.get().isDirect

export const invitePeople: Command<ChatTarget> = {
  name: 'invite-people',
  label: msg`Add people`,
  Icon: UserPlus,
  allowed: (target) => isGroup(target) && target.room.may.get().invite,
  run: ({ open }) => open('invite'),
}

export const renameChat: Command<ChatTarget> = {
  name: 'rename-chat',
  label: msg`Rename group`,
  Icon: Pencil,
  allowed: (target) => isGroup(target) && target.room.may.get().setState('m.room.name'),
  run: ({ open }) => open('rename'),
}

export const leaveChat: Command<ChatTarget> = {
  name: 'leave-chat',
  label: msg`Leave chat`,
  Icon: LogOut,
  danger: true,
  confirm: ({ name }) => ({
    title: msg`Leave “${name}”?`,
    text: msg`You will get no more messages from this chat, and it goes from your list. Somebody inside can invite you again.`,
  }),
  allowed: () => true,
  async run({ room, open }) {
    await room.leave()
    open('chats')
  },
}

export const chatCommands: readonly Command<ChatTarget>[] = [invitePeople, renameChat, leaveChat]

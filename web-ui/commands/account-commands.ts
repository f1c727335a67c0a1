import { msg } from '@lingui/core/macro'
import { LogOut } from 'lucide-react'
import type { Client } from '#client-sdk/client.ts'
import type { Command } from './command.ts'

export interface AccountTarget {
  client: Client
  leave: () => void
}

export const logOut: Command<AccountTarget> = {
  name: 'log-out',
  label: msg`Log out`,
  Icon: LogOut,
  danger: true,
  confirm: ({ client }) => ({
    title: msg`Log out of this device?`,
    text:
      client.outbox.get().length > 0
        ? msg`Messages that are not sent yet are lost. Everything that was sent is kept at your home.`
        : msg`The copy on this device is removed. Everything is kept at your home.`,
  }),
  allowed: () => true,
  async run({ client, leave }) {
    await client.logout()
    leave()
  },
}

export const accountCommands: readonly Command<AccountTarget>[] = [logOut]

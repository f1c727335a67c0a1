import { msg } from '@lingui/core/macro'
import { Copy, RotateCw, Trash2 } from 'lucide-react'
import type { Room } from '#client-sdk/room.ts'
import type { TimelineItem } from '#client-sdk/timeline-item.ts'
import { copyText } from '../parts/copy-text.ts'
import { showToast } from '../parts/toast-store.ts'
import { textOf } from '../tiles/tile.ts'
import type { Command } from './command.ts'

export interface MessageTarget {
  room: Room
  item: TimelineItem
}

const bodyOf = ({ item }: MessageTarget) => (item.redacted ? undefined : textOf(item.content, 'body'))

export const copyMessage: Command<MessageTarget> = {
  name: 'copy-message',
  label: msg`Copy text`,
  Icon: Copy,
  allowed: (target) => bodyOf(target) !== undefined,
  async run(target) {
    if (await copyText(bodyOf(target) ?? '')) showToast(msg`Copied`)
  },
}

export const sendAgain: Command<MessageTarget> = {
  name: 'send-again',
  label: msg`Send again`,
  Icon: RotateCw,
  allowed: ({ item }) => item.status === 'failed' && item.txnId !== undefined,
  run: ({ room, item }) => room.retry(item.txnId!),
}

/** What never left this device is simply taken out of the queue. */
export const discardMessage: Command<MessageTarget> = {
  name: 'discard-message',
  label: msg`Discard`,
  Icon: Trash2,
  danger: true,
  allowed: ({ item }) => item.eventId === undefined && item.txnId !== undefined && item.status !== 'sending',
  async run({ room, item }) {
    await room.remove(item.txnId!)
  },
}

export const deleteMessage: Command<MessageTarget> = {
  name: 'delete-message',
  label: msg`Delete for everybody`,
  Icon: Trash2,
  danger: true,
  confirm: () => ({
    title: msg`Delete this message?`,
    text: msg`It disappears for everybody in this chat. This cannot be taken back.`,
  }),
  allowed: ({ room, item }) => item.eventId !== undefined && !item.redacted && room.may.get().redact(item.sender),
  async run({ room, item }) {
    await room.redact(item.eventId!)
  },
}

export const messageCommands: readonly Command<MessageTarget>[] = [
  copyMessage,
  sendAgain,
  discardMessage,
  deleteMessage,
]

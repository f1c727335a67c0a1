import type { MessageDescriptor } from '@lingui/core'
import type { LucideIcon } from 'lucide-react'

/** One thing that can be done, once: menus, buttons and keys all run the same value. */
export interface Command<Target> {
  readonly name: string
  readonly label: MessageDescriptor
  readonly Icon: LucideIcon
  readonly danger?: boolean
  /** Asked before it runs, for what cannot be taken back. The button says what happens and to whom. */
  readonly confirm?: (target: Target) => { title: MessageDescriptor; text: MessageDescriptor }
  /** Whether to offer it at all. */
  readonly allowed: (target: Target) => boolean
  /** Throws `CallError` where the node refuses. */
  readonly run: (target: Target) => Promise<void> | void
}

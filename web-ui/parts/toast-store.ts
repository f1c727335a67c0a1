import type { MessageDescriptor } from '@lingui/core'
import { createStore } from 'zustand/vanilla'

export interface Toast {
  id: number
  text: MessageDescriptor
}

let lastId = 0

/** Short messages at the edge of the screen: what just happened, or could not. */
export const toastStore = createStore<{ toasts: readonly Toast[] }>(() => ({ toasts: [] }))

export function showToast(text: MessageDescriptor): void {
  lastId += 1
  // One at a time: the newest is what the user just did.
  toastStore.setState({ toasts: [{ id: lastId, text }] })
}

export function dropToast(id: number): void {
  toastStore.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) }))
}

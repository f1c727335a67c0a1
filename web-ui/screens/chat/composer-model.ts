import { createStore } from 'zustand/vanilla'
import type { Platform } from '#client-sdk/platform.ts'
import type { Room } from '#client-sdk/room.ts'

const draftDelayMs = 300

export type ComposerModel = ReturnType<typeof composerModel>

/** What is being written in one chat. It is kept as a draft while it is written, and goes to the queue when sent. */
export function composerModel(
  room: Pick<Room, 'draft' | 'setDraft' | 'sendText' | 'setTyping'>,
  platform: Pick<Platform, 'after'>,
) {
  const store = createStore<{ text: string }>(() => ({ text: '' }))
  let touched = false
  let unsaved: { text: string; cancel: () => void } | undefined

  async function restore(): Promise<void> {
    const text = await room.draft()
    if (!touched) store.setState({ text })
  }

  async function save(): Promise<void> {
    if (!unsaved) return
    const { text, cancel } = unsaved
    unsaved = undefined
    cancel()
    await room.setDraft(text)
  }

  function change(text: string): void {
    touched = true
    store.setState({ text })
    unsaved?.cancel()
    unsaved = { text, cancel: platform.after(draftDelayMs, () => void save()) }
  }

  return {
    store,
    restore,
    /** Writes the draft now: the chat is being left. */
    save,
    setText(text: string) {
      change(text)
      room.setTyping(text.trim() !== '')
    },
    /** Puts the message in the queue. The field is empty at once; the queue shows the message. */
    async send(): Promise<boolean> {
      const text = store.getState().text.trim()
      if (text === '') return false
      change('')
      room.setTyping(false)
      await Promise.all([room.sendText(text), save()])
      return true
    },
  }
}

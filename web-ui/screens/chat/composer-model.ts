import { createStore } from 'zustand/vanilla'
import type { Platform } from '#client-sdk/platform.ts'
import type { Room } from '#client-sdk/room.ts'
import type { RescuedDraft } from './rescued-draft.ts'

const draftDelayMs = 300

export type ComposerModel = ReturnType<typeof composerModel>

/** What is being written in one chat. It is kept as a draft while it is written, and goes to the queue when sent. */
export function composerModel(
  room: Pick<Room, 'draft' | 'setDraft' | 'sendText' | 'setTyping'>,
  platform: Pick<Platform, 'after'>,
  rescued: RescuedDraft,
) {
  const store = createStore<{ text: string }>(() => ({ text: '' }))
  let touched = false
  /** What the store has not got yet. */
  let unsaved: { readonly text: string } | undefined
  let cancelSave = (): void => undefined

  async function restore(): Promise<void> {
    const text = rescued.get()
    if (text !== undefined) return change(text)
    const draft = await room.draft()
    if (!touched) store.setState({ text: draft })
  }

  async function save(): Promise<void> {
    cancelSave()
    const saving = unsaved
    if (!saving) return
    await room.setDraft(saving.text)
    if (unsaved !== saving) return
    unsaved = undefined
    rescued.drop()
  }

  function change(text: string): void {
    touched = true
    store.setState({ text })
    cancelSave()
    unsaved = { text }
    cancelSave = platform.after(draftDelayMs, () => void save())
  }

  return {
    store,
    restore,
    /** Writes the draft now: the chat is being left. */
    save,
    /** The page may go before anything is written. An empty field needs no rescue: the queue has what was sent before the draft is taken away. */
    putAway(): void {
      if (unsaved && unsaved.text !== '') rescued.set(unsaved.text)
      void save()
    },
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

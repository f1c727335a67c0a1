import { createStore } from 'zustand/vanilla'
import type { Client } from '#client-sdk/client.ts'
import { callProblem } from '../call-problem.ts'
import type { CallProblem } from '../call-problem.ts'

export interface ProfileState {
  /** What stands in the field, and what the node has. */
  name: string
  saved: string
  problem: CallProblem | 'empty' | undefined
  saving: boolean
}

export function profileModel(client: Pick<Client, 'session' | 'profile' | 'setDisplayName'>) {
  const store = createStore<ProfileState>(() => ({ name: '', saved: '', problem: undefined, saving: false }))
  const { getState: get, setState: set } = store
  let touched = false
  return {
    store,
    async load(): Promise<void> {
      const session = client.session.get()
      if (!session) return
      try {
        const { displayName = '' } = await client.profile(session.userId)
        set({ saved: displayName, ...(touched ? {} : { name: displayName }) })
      } catch (error) {
        set({ problem: callProblem(error) })
      }
    },
    setName(name: string) {
      touched = true
      set({ name, problem: undefined })
    },
    async save(): Promise<void> {
      const name = get().name.trim()
      if (get().saving) return
      if (name === '') return set({ problem: 'empty' })
      set({ saving: true })
      try {
        await client.setDisplayName(name)
        set({ saved: name, name })
      } catch (error) {
        set({ problem: callProblem(error) })
      } finally {
        set({ saving: false })
      }
    },
  }
}

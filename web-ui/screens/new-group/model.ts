import { createStore } from 'zustand/vanilla'
import type { Client, FoundUser } from '#client-sdk/client.ts'
import type { RoomId } from '#spec/ids.ts'
import { callProblem } from '../call-problem.ts'
import type { CallProblem } from '../call-problem.ts'
import { toggled } from '../people-search/toggled.ts'

export interface NewGroupState {
  name: string
  people: readonly FoundUser[]
  nameProblem: 'empty' | undefined
  formProblem: CallProblem | undefined
  sending: boolean
}

export function newGroupModel(client: Pick<Client, 'createGroup'>) {
  const store = createStore<NewGroupState>(() => ({
    name: '',
    people: [],
    nameProblem: undefined,
    formProblem: undefined,
    sending: false,
  }))
  const { getState: get, setState: set } = store

  /** Answers with the room, or with nothing where something is wrong. */
  async function create(): Promise<RoomId | undefined> {
    const { name, people, sending } = get()
    if (sending) return undefined
    if (name.trim() === '') return void set({ nameProblem: 'empty' })
    set({ sending: true, formProblem: undefined })
    try {
      return await client.createGroup({ name: name.trim(), invitees: people.map((person) => person.userId) })
    } catch (error) {
      return void set({ formProblem: callProblem(error) })
    } finally {
      set({ sending: false })
    }
  }

  return {
    store,
    create,
    setName: (name: string) => set({ name, nameProblem: undefined }),
    toggle: (person: FoundUser) => set({ people: toggled(get().people, person) }),
  }
}

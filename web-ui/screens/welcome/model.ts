import { createStore } from 'zustand/vanilla'
import type { Client } from '#client-sdk/client.ts'
import type { ResponseOf } from '#spec/endpoint.ts'
import { getWelcome } from '#spec/extensions/invites/api.ts'
import { callProblem } from '../call-problem.ts'

export interface WelcomeState {
  /** Whose home this is and who may come in; absent until it has answered, and where it is not a Hearth. */
  home: ResponseOf<typeof getWelcome> | undefined
  offline: boolean
}

export function welcomeModel(client: Pick<Client, 'call'>) {
  const store = createStore<WelcomeState>(() => ({ home: undefined, offline: false }))
  return {
    store,
    async load(): Promise<void> {
      try {
        store.setState({ home: await client.call(getWelcome, {}), offline: false })
      } catch (error) {
        store.setState({ offline: callProblem(error) === 'offline' })
      }
    },
  }
}

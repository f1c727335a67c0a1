import { createStore } from 'zustand/vanilla'
import type { Client } from '#client-sdk/client.ts'
import { checkRegistrationToken } from '#spec/api/client/register.ts'
import { callProblem } from '../call-problem.ts'
import { registerModel } from '../register/model.ts'

export type SetUpPhase = 'asking' | 'open' | 'used' | 'offline'

/** The one-time link that a new home prints: its first account looks after the home. */
export function setUpModel(client: Client, token: string) {
  const store = createStore<{ phase: SetUpPhase }>(() => ({ phase: 'asking' }))
  return {
    store,
    form: registerModel(client, token),
    async load(): Promise<void> {
      store.setState({ phase: 'asking' })
      try {
        const { valid } = await client.call(checkRegistrationToken, { query: { token } })
        store.setState({ phase: valid ? 'open' : 'used' })
      } catch (error) {
        store.setState({ phase: callProblem(error) === 'offline' ? 'offline' : 'used' })
      }
    },
  }
}

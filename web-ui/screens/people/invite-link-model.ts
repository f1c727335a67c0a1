import { createStore } from 'zustand/vanilla'
import type { Client } from '#client-sdk/client.ts'
import { globalPlatform } from '#client-sdk/platform.ts'
import { createInvite } from '#spec/extensions/invites/api.ts'
import { callProblem } from '../call-problem.ts'
import type { CallProblem } from '../call-problem.ts'

export interface InviteLinkState {
  link: { url: string; madeAt: number; expiresAt: number } | undefined
  problem: CallProblem | undefined
}

export function inviteLinkModel(client: Pick<Client, 'call'>) {
  const store = createStore<InviteLinkState>(() => ({ link: undefined, problem: undefined }))
  let asked = false
  return {
    store,
    /** Once per dialog: each link is one invitation. */
    async create(): Promise<void> {
      if (asked) return
      asked = true
      try {
        const { url, expires_at: expiresAt } = await client.call(createInvite, { body: {} })
        store.setState({ link: { url, expiresAt, madeAt: globalPlatform.now() } })
      } catch (error) {
        store.setState({ problem: callProblem(error) })
      }
    },
  }
}

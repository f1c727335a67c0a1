import { createStore } from 'zustand/vanilla'
import type { Client } from '#client-sdk/client.ts'
import type { UserId } from '#spec/ids.ts'
import { getInvite } from '#spec/extensions/invites/api.ts'
import { callProblem } from '../call-problem.ts'
import { rememberInviter } from './inviter.ts'
import { registerModel } from '../register/model.ts'

export type InvitationState =
  | { phase: 'asking' }
  | { phase: 'gone' }
  | { phase: 'offline' }
  | { phase: 'open'; inviterId: UserId; inviterName: string; home: string }

/** An invite link that was opened: who invites, and the form to follow. */
export function invitationModel(client: Client, token: string) {
  const store = createStore<{ state: InvitationState }>(() => ({ state: { phase: 'asking' } }))
  const become = (state: InvitationState) => store.setState({ state })
  return {
    store,
    form: registerModel(client, token),
    async load(): Promise<void> {
      become({ phase: 'asking' })
      try {
        const { inviter, server_name: home } = await client.call(getInvite, { params: { invite: token } })
        const inviterName = inviter.display_name ?? inviter.user_id.slice(1).split(':')[0] ?? ''
        rememberInviter({ userId: inviter.user_id, name: inviterName })
        become({ phase: 'open', inviterId: inviter.user_id, inviterName, home })
      } catch (error) {
        become({ phase: callProblem(error) === 'offline' ? 'offline' : 'gone' })
      }
    },
  }
}

import { Trans } from '@lingui/react/macro'
import { useEffect, useState } from 'react'
import { Link, useLocation } from 'wouter'
import { useStore } from 'zustand'
import { useClient } from '../../client-context.ts'
import { Avatar } from '../../parts/avatar.tsx'
import { Button } from '../../parts/button.tsx'
import { HearthMark } from '../../parts/hearth-mark.tsx'
import { Gate } from '../gate/view.tsx'
import { ProblemText } from '../problem-text.tsx'
import { RegisterForm } from '../register/form.tsx'
import { invitationModel } from './model.ts'

/** `/invite/<token>`: "Ayşe invites you", and the form. */
export function Invitation({ token }: { token: string }) {
  const client = useClient()
  const [, go] = useLocation()
  const [model] = useState(() => invitationModel(client, token))
  const { state } = useStore(model.store)
  useEffect(() => void model.load(), [model])

  if (state.phase === 'asking')
    return (
      <Gate figure={<HearthMark size={64} glowing />} title={<Trans>One moment…</Trans>}>
        {null}
      </Gate>
    )
  if (state.phase === 'offline') {
    return (
      <Gate title={<Trans>No answer</Trans>} lead={<ProblemText problem="offline" />}>
        <Button kind="primary" wide onClick={() => void model.load()}>
          <Trans>Try again</Trans>
        </Button>
      </Gate>
    )
  }
  if (state.phase === 'gone') {
    return (
      <Gate
        title={<Trans>This invitation is over</Trans>}
        lead={
          <Trans>It has been used already, or has expired. Ask for a new link; it takes a moment to make one.</Trans>
        }
      >
        <Button wide onClick={() => go('/login')}>
          <Trans>I have an account: log in</Trans>
        </Button>
      </Gate>
    )
  }
  const { inviterId, inviterName } = state
  return (
    <Gate
      figure={<Avatar id={inviterId} name={inviterName} size="xl" />}
      title={<Trans>{inviterName} invites you</Trans>}
      lead={<Trans>Choose a name and a password, and you are in.</Trans>}
      foot={
        <Trans>
          Already here? <Link href="/login">Log in</Link>
        </Trans>
      }
    >
      <RegisterForm model={model.form} action={<Trans>Join</Trans>} />
    </Gate>
  )
}

import { Trans } from '@lingui/react/macro'
import { useEffect, useState } from 'react'
import { useLocation } from 'wouter'
import { useStore } from 'zustand'
import { useClient } from '../../client-context.ts'
import { Button } from '../../parts/button.tsx'
import { HearthMark } from '../../parts/hearth-mark.tsx'
import { Gate } from '../gate/view.tsx'
import { ProblemText } from '../problem-text.tsx'
import { RegisterForm } from '../register/form.tsx'
import { setUpModel } from './model.ts'

/** `/setup/<token>`: whoever opens it first looks after this home. */
export function SetUp({ token }: { token: string }) {
  const client = useClient()
  const [, go] = useLocation()
  const [model] = useState(() => setUpModel(client, token))
  const phase = useStore(model.store, (state) => state.phase)
  useEffect(() => void model.load(), [model])

  if (phase === 'asking')
    return (
      <Gate figure={<HearthMark size={64} glowing />} title={<Trans>One moment…</Trans>}>
        {null}
      </Gate>
    )
  if (phase === 'offline') {
    return (
      <Gate title={<Trans>No answer</Trans>} lead={<ProblemText problem="offline" />}>
        <Button kind="primary" wide onClick={() => void model.load()}>
          <Trans>Try again</Trans>
        </Button>
      </Gate>
    )
  }
  if (phase === 'used') {
    return (
      <Gate
        title={<Trans>This home is set up</Trans>}
        lead={<Trans>The set-up link works once. Whoever used it can log in here, and invite everybody else.</Trans>}
      >
        <Button kind="primary" wide onClick={() => go('/login')}>
          <Trans>Log in</Trans>
        </Button>
      </Gate>
    )
  }
  return (
    <Gate
      title={<Trans>Your home is ready</Trans>}
      lead={<Trans>Make the first account. It is yours, and it looks after this home: you invite the others.</Trans>}
    >
      <RegisterForm model={model.form} action={<Trans>Move in</Trans>} />
    </Gate>
  )
}

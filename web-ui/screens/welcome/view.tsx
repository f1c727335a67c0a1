import { Trans } from '@lingui/react/macro'
import { useEffect, useState } from 'react'
import { useLocation } from 'wouter'
import { useStore } from 'zustand'
import { useClient } from '../../client-context.ts'
import { Button } from '../../parts/button.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Gate } from '../gate/view.tsx'
import { ProblemText } from '../problem-text.tsx'
import { welcomeModel } from './model.ts'
import css from './view.module.css'

/** The very first screen: one decision. */
export function Welcome() {
  const client = useClient()
  const [, go] = useLocation()
  const [model] = useState(() => welcomeModel(client))
  const { home, offline } = useStore(model.store)
  useEffect(() => void model.load(), [model])

  const unclaimed = home !== undefined && !home.claimed && home.registration !== 'open'
  return (
    <Gate
      title={<Trans>Welcome to Hearth</Trans>}
      lead={<Trans>Talk with your family and friends, on a home of your own.</Trans>}
      foot={home && <bdi className={css.home}>{home.server_name}</bdi>}
    >
      <div className={css.buttons}>
        {offline && (
          <Notice kind="problem">
            <ProblemText problem="offline" />
          </Notice>
        )}
        {unclaimed && (
          <Notice kind="info">
            <Trans>Nobody lives here yet. Open the set-up link that was shown when this home was started.</Trans>
          </Notice>
        )}
        <Button kind="primary" wide onClick={() => go('/login')}>
          <Trans>Log in</Trans>
        </Button>
        {!unclaimed && home?.registration !== 'closed' && (
          <Button wide onClick={() => go('/register')}>
            <Trans>Create an account</Trans>
          </Button>
        )}
      </div>
    </Gate>
  )
}

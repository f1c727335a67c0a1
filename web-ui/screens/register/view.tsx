import { Trans } from '@lingui/react/macro'
import { useState } from 'react'
import { Link } from 'wouter'
import { useStore } from 'zustand'
import { useClient } from '../../client-context.ts'
import { Gate } from '../gate/view.tsx'
import { RegisterForm } from './form.tsx'
import { LinkForm } from './link-form.tsx'
import { registerModel } from './model.ts'

/** Registering without a link. A home that takes people by invitation asks for the link instead of showing a form that cannot work. */
export function Register() {
  const client = useClient()
  const [model] = useState(() => registerModel(client))
  const needs = useStore(model.store, (state) => state.needs)
  const byInvitation = needs !== undefined && (!needs.open || needs.needsToken)
  return (
    <Gate
      title={byInvitation ? <Trans>By invitation</Trans> : <Trans>Create your account</Trans>}
      lead={
        byInvitation && (
          <Trans>
            This home takes new people by invitation. Ask somebody inside for a link, then open it or paste it here.
          </Trans>
        )
      }
      foot={
        <Trans>
          Already here? <Link href="/login">Log in</Link>
        </Trans>
      }
    >
      {byInvitation ? <LinkForm /> : <RegisterForm model={model} action={<Trans>Create account</Trans>} />}
    </Gate>
  )
}

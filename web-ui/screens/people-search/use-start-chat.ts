import { msg } from '@lingui/core/macro'
import { useRef } from 'react'
import { useLocation } from 'wouter'
import type { FoundUser } from '#client-sdk/client.ts'
import { useClient } from '../../client-context.ts'
import { showToast } from '../../parts/toast-store.ts'
import { paths } from '../../routes.ts'
import { callProblem } from '../call-problem.ts'

/** Opens the chat with a person, made where there is none yet. */
export function useStartChat(): (person: FoundUser) => Promise<void> {
  const client = useClient()
  const [, go] = useLocation()
  const busy = useRef(false)
  return async (person) => {
    if (busy.current) return
    busy.current = true
    try {
      go(paths.chat(await client.createDirectChat(person.userId)))
    } catch (error) {
      showToast(
        callProblem(error) === 'offline'
          ? msg`Your home cannot be reached right now.`
          : msg`That did not work. Please try again.`,
      )
    } finally {
      busy.current = false
    }
  }
}

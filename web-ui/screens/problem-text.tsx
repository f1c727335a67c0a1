import { Trans } from '@lingui/react/macro'
import type { CallProblem } from './call-problem.ts'

/** The sentence for a failed call, where a screen has no better one. */
export function ProblemText({ problem }: { problem: CallProblem }) {
  switch (problem) {
    case 'offline':
      return <Trans>Your home cannot be reached right now. Check the connection and try again.</Trans>
    case 'too-many':
      return <Trans>That was a lot of tries in a short time. Wait a minute and try again.</Trans>
    case 'not-allowed':
      return <Trans>You may not do this here.</Trans>
    case 'gone':
      return <Trans>This is not there any more.</Trans>
    case 'name-taken':
      return <Trans>Somebody here already has this name.</Trans>
    case 'name-not-allowed':
      return <Trans>This name cannot be used here. Try another one.</Trans>
    case 'weak-password':
      return <Trans>This password is too easy to guess. Choose a longer one.</Trans>
    case 'unknown':
      return <Trans>Something went wrong at your home. Please try again.</Trans>
  }
}

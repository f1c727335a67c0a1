import { Plural, Trans } from '@lingui/react/macro'
import { ProblemText } from '../problem-text.tsx'
import type { FormProblem, NameProblem, PasswordProblem } from './model.ts'
import { shortestPassword } from './password-strength.ts'

export function NameProblemText({ problem }: { problem: NameProblem }) {
  switch (problem) {
    case 'empty':
      return <Trans>Write your name.</Trans>
    case 'no-latin':
      return <Trans>Write it with letters from a to z for now. You can change how it is shown afterwards.</Trans>
    case 'too-long':
      return <Trans>This name is too long. A shorter one, please.</Trans>
    case 'taken':
      return <Trans>Somebody here already has this name. Add a surname or a number.</Trans>
    case 'not-allowed':
      return <ProblemText problem="name-not-allowed" />
  }
}

export function PasswordProblemText({ problem }: { problem: PasswordProblem }) {
  switch (problem) {
    case 'empty':
      return <Trans>Choose a password.</Trans>
    case 'short':
      return <Plural value={shortestPassword} one="Use at least # character." other="Use at least # characters." />
    case 'refused':
      return <ProblemText problem="weak-password" />
  }
}

export function FormProblemText({ problem }: { problem: FormProblem }) {
  if (problem === 'link-used') return <Trans>This link has been used already, or has expired. Ask for a new one.</Trans>
  if (problem === 'not-allowed')
    return <Trans>This home takes new people by invitation only. Ask somebody inside for a link.</Trans>
  return <ProblemText problem={problem} />
}

import { Trans, useLingui } from '@lingui/react/macro'
import { useState } from 'react'
import type { FormEvent } from 'react'
import type { Room } from '#client-sdk/room.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { TextField } from '../../parts/text-field.tsx'
import { callProblem } from '../call-problem.ts'
import type { CallProblem } from '../call-problem.ts'
import { ProblemText } from '../problem-text.tsx'
import css from './rename-dialog.module.css'

export function RenameDialog({ room, onClose }: { room: Room; onClose: () => void }) {
  const { t } = useLingui()
  const [name, setName] = useState(() => {
    const { nameParts } = room.summary.get()
    return nameParts.kind === 'name' ? nameParts.name : ''
  })
  const [problem, setProblem] = useState<CallProblem | 'empty'>()
  const [busy, setBusy] = useState(false)

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (name.trim() === '') return setProblem('empty')
    setBusy(true)
    try {
      await room.setName(name.trim())
      onClose()
    } catch (error) {
      setProblem(callProblem(error))
    } finally {
      setBusy(false)
    }
  }

  return (
    <Dialog title={t`Rename group`} onClose={onClose}>
      <form className={css.form} noValidate onSubmit={(event) => void submit(event)}>
        <TextField
          label={t`Group name`}
          autoFocus
          maxLength={120}
          value={name}
          onChange={(value) => {
            setName(value)
            setProblem(undefined)
          }}
          error={
            problem === 'empty' ? <Trans>A group needs a name.</Trans> : problem && <ProblemText problem={problem} />
          }
        />
        <Button type="submit" kind="primary" wide busy={busy}>
          <Trans>Save</Trans>
        </Button>
      </form>
    </Dialog>
  )
}

import { msg } from '@lingui/core/macro'
import { Trans, useLingui } from '@lingui/react/macro'
import { useState } from 'react'
import { useStore } from 'zustand'
import type { FoundUser } from '#client-sdk/client.ts'
import { globalPlatform } from '#client-sdk/platform.ts'
import type { Room } from '#client-sdk/room.ts'
import { useClient } from '../../client-context.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Notice } from '../../parts/notice.tsx'
import { SearchField } from '../../parts/search-field.tsx'
import { showToast } from '../../parts/toast-store.ts'
import { callProblem } from '../call-problem.ts'
import type { CallProblem } from '../call-problem.ts'
import { peopleSearchModel } from '../people-search/model.ts'
import { PeopleList } from '../people-search/people-list.tsx'
import { PickedPeople } from '../people-search/picked-people.tsx'
import { toggled } from '../people-search/toggled.ts'
import { ProblemText } from '../problem-text.tsx'

export function AddPeopleDialog({ room, onClose }: { room: Room; onClose: () => void }) {
  const { t } = useLingui()
  const client = useClient()
  const [model] = useState(() => peopleSearchModel(client, globalPlatform))
  const query = useStore(model.store, (state) => state.query)
  const [picked, setPicked] = useState<readonly FoundUser[]>([])
  const [problem, setProblem] = useState<CallProblem>()
  const [busy, setBusy] = useState(false)

  const invite = async () => {
    if (picked.length === 0) return
    setBusy(true)
    try {
      for (const person of picked) await room.invite(person.userId)
      showToast(msg`Invited`)
      onClose()
    } catch (error) {
      setProblem(callProblem(error))
    } finally {
      setBusy(false)
    }
  }

  return (
    <Dialog
      title={t`Add people`}
      onClose={onClose}
      actions={
        <Button kind="primary" busy={busy} aria-disabled={picked.length === 0} onClick={() => void invite()}>
          <Trans>Invite</Trans>
        </Button>
      }
    >
      <SearchField label={t`Search people by name`} value={query} onChange={model.setQuery} />
      <PickedPeople people={picked} onDrop={(person) => setPicked(toggled(picked, person))} />
      {problem && (
        <Notice kind="problem">
          <ProblemText problem={problem} />
        </Notice>
      )}
      <PeopleList model={model} picked={picked} onPick={(person) => setPicked(toggled(picked, person))} />
    </Dialog>
  )
}

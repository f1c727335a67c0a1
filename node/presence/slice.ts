import { receiptKind, typingKind, type Receipt, type Typing } from '#node/ephemeral/facts.ts'
import type { Deps } from '#node/deps.ts'
import { eventKind, type EventRow } from '#node/rooms/facts.ts'
import type { Slice } from '#node/slice.ts'
import type { StoredFact } from '#node/stream/commit.ts'
import { noteActive, restore } from './come-and-go.ts'
import { presenceKind, type PresenceRow } from './facts.ts'
import { routes } from './http.ts'
import { noteStored, peopleOf, personOf } from './people.ts'
import { readAllPresence } from './store.ts'

/** Who is there: told to those who share a room with them. */
export const presence: Slice = {
  name: 'presence',
  routes,
  async start(deps) {
    if (!deps.config.presence) return
    for (const row of await readAllPresence(deps.sql)) {
      noteStored(deps, row, row.position)
      const person = personOf(deps, row.userId)
      person.statusMsg = row.statusMsg
      person.announced = { state: row.state, statusMsg: row.statusMsg }
      restore(deps, person, row.state, row.lastActiveAt)
    }
    const stop = deps.stream.onCommit(({ facts }) => {
      for (const fact of facts) note(deps, fact)
    })
    return async () => {
      stop()
      await peopleOf(deps).announced
    }
  },
}

/** Whoever sends, types or reads is there. */
function note(deps: Deps, { kind, row, position }: StoredFact): void {
  if (kind === presenceKind) noteStored(deps, row as PresenceRow, position)
  else if (kind === eventKind) noteActive(deps, (row as EventRow).event.sender)
  else if (kind === receiptKind) noteActive(deps, (row as Receipt).userId)
  else if (kind === typingKind) for (const userId of (row as Typing).userIds) noteActive(deps, userId)
}

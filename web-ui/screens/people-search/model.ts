import { createStore } from 'zustand/vanilla'
import type { Client, FoundUser } from '#client-sdk/client.ts'
import type { RoomSummary } from '#client-sdk/room-summary.ts'
import type { Platform } from '#client-sdk/platform.ts'
import { matches } from '../../parts/fold.ts'
import { callProblem } from '../call-problem.ts'
import type { CallProblem } from '../call-problem.ts'

export interface PeopleSearchState {
  query: string
  /** Without oneself. While nothing is asked: people one already writes with. */
  found: readonly FoundUser[]
  searching: boolean
  problem: CallProblem | undefined
}

type SearchClient = Pick<Client, 'searchUsers' | 'session' | 'rooms'>
export type PeopleSearchModel = ReturnType<typeof peopleSearchModel>

const pauseMs = 250

/** Finds people by name: at once among those one knows, then in the directory of the home. */
export function peopleSearchModel(client: SearchClient, platform: Pick<Platform, 'after'>) {
  const known = () => knownPeople(client)
  const store = createStore<PeopleSearchState>(() => ({
    query: '',
    found: known(),
    searching: false,
    problem: undefined,
  }))
  const { getState: get, setState: set } = store
  let cancel = () => undefined as void

  async function ask(query: string): Promise<void> {
    try {
      const found = await client.searchUsers(query, 30)
      if (query !== get().query) return
      set({
        found: merged(
          client,
          known().filter((person) => isCalled(person, query)),
          found,
        ),
        searching: false,
      })
    } catch (error) {
      if (query === get().query) set({ problem: callProblem(error), searching: false })
    }
  }

  return {
    store,
    setQuery(query: string) {
      cancel()
      const wanted = query.trim()
      const found = known().filter((person) => isCalled(person, wanted))
      set({ query, found, problem: undefined, searching: wanted !== '' })
      if (wanted !== '') cancel = platform.after(pauseMs, () => void ask(query))
    },
  }
}

const isCalled = (person: FoundUser, query: string) => matches(`${person.displayName ?? ''} ${person.userId}`, query)

/** Everybody one has a direct chat with. */
function knownPeople(client: SearchClient): FoundUser[] {
  return client.rooms.get().flatMap((room) => {
    if (!room.directUserId || room.membership !== 'join') return []
    return [{ userId: room.directUserId, displayName: otherName(room) }]
  })
}

const otherName = ({ nameParts }: RoomSummary): string | undefined =>
  nameParts.kind === 'name' ? nameParts.name : nameParts.names[0]

function merged(client: SearchClient, known: readonly FoundUser[], found: readonly FoundUser[]): FoundUser[] {
  const own = client.session.get()?.userId
  const all = new Map([...known, ...found].map((person) => [person.userId, person]))
  return [...all.values()].filter((person) => person.userId !== own)
}

import type { UserId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import type { Person } from '#node/presence/people.ts'
import { contentOf, presenceSince } from '#node/presence/read-presence.ts'
import type { Changes } from './changed-rooms.ts'
import { passesSender, passesType } from './ephemeral-parts.ts'
import type { Plan } from './plan-rooms.ts'
import type { Reader } from './reader.ts'

/** Who has come and gone, of those that the reader is to know of, as texts of events. */
export async function readPresence(
  deps: Deps,
  reader: Reader,
  { since, head, rooms }: Plan,
  { ignored, hasNewMembers }: { ignored: readonly string[]; hasNewMembers: Changes['hasNewMembers'] },
): Promise<string[]> {
  const filter = reader.filter.presence
  if (!passesType(filter, 'm.presence')) return []
  const met = rooms.filter((room) => room.section === 'join' && hasNewMembers(room.roomId)).map((room) => room.roomId)
  const people = await presenceSince(deps, reader.userId, { since: since ?? 0, upTo: head, met })
  return people.filter(({ userId }) => isWanted(reader, ignored, userId)).map((person) => presenceText(deps, person))
}

const isWanted = ({ filter }: Reader, ignored: readonly string[], userId: UserId): boolean =>
  passesSender(filter.presence, userId) && !ignored.includes(userId)

export const presenceText = (deps: Deps, person: Person): string =>
  JSON.stringify({ content: contentOf(deps, person), sender: person.userId, type: 'm.presence' })

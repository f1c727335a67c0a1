import type { RoomId } from '#spec/ids.ts'
import { appservicesOf, mayActAs } from '#node/accounts/appservices/appservices.ts'
import type { Appservice } from '#node/accounts/appservices/registration.ts'
import { perNode, type Deps } from '#node/deps.ts'
import { receiptKind, typingKind } from '#node/ephemeral/facts.ts'
import { deviceListKind } from '#node/keys/facts.ts'
import { presenceKind } from '#node/presence/facts.ts'
import { eventKind, type EventRow } from '#node/rooms/facts.ts'
import type { StoredFact } from '#node/stream/commit.ts'
import { mailingKind, type Mailing } from '#node/to-device/facts.ts'
import { memberChangeKind, type MemberChange } from './facts.ts'

/** Beyond this many rooms the memory of where somebody typed or read is begun anew. */
const mostRooms = 20_000

/** What memory knows of whom something concerns: it spares looking where there is nothing, and decides nothing. */
export interface Attention {
  /** The services that have, or had, a user in a room. */
  readonly members: Map<RoomId, Set<string>>
  /** Where somebody last typed or read, and by which position; what was before `since` is not known. */
  readonly passing: Map<RoomId, number>
  since: number
  /** When something was last sent to a device of a user of a service. */
  readonly mail: Map<string, number>
}

export const attentionOf = perNode<Attention>((deps) => ({
  members: new Map(),
  passing: new Map(),
  since: deps.stream.head,
  mail: new Map(),
}))

/** The services that are called. */
export const called = (deps: Deps): Appservice[] => appservicesOf(deps).filter((one) => one.url !== undefined)

/** The rooms in which somebody has typed or read after a position; nothing if that is not known. */
export function passingSince(deps: Deps, after: number): RoomId[] | undefined {
  const { passing, since } = attentionOf(deps)
  if (after < since) return undefined
  return [...passing].filter(([, position]) => position > after).map(([roomId]) => roomId)
}

/** False if nothing was sent to devices of the service's users after a position. */
export function mayHaveMail(deps: Deps, id: string, after: number): boolean {
  const { mail, since } = attentionOf(deps)
  return after < since || (mail.get(id) ?? 0) > after
}

export function noteMember(
  { members }: Attention,
  { appserviceId, roomId }: Pick<MemberChange, 'appserviceId' | 'roomId'>,
): string {
  const found = members.get(roomId)
  if (found) found.add(appserviceId)
  else members.set(roomId, new Set([appserviceId]))
  return appserviceId
}

/** The services that may have something to be told by a fact. */
export function note(
  attention: Attention,
  services: readonly Appservice[],
  { kind, row, position }: StoredFact,
): string[] {
  switch (kind as unknown) {
    case memberChangeKind:
      return [noteMember(attention, row as MemberChange)]
    case eventKind:
      return inRoom(attention, services, (row as EventRow).event.room_id)
    case receiptKind:
    case typingKind: {
      const { roomId } = row as { roomId: RoomId }
      notePassing(attention, roomId, position)
      return inRoom(attention, services, roomId, (one) => one.receivesEphemeral)
    }
    case presenceKind:
      return idsOf(services, (one) => one.receivesEphemeral)
    case deviceListKind:
      return idsOf(services, (one) => one.receivesEncryption)
    case mailingKind:
      return noteMail(attention, services, row as Mailing, position)
    default:
      return []
  }
}

const idsOf = (services: readonly Appservice[], isMeant: (one: Appservice) => boolean): string[] =>
  services.filter(isMeant).map(({ id }) => id)

const inRoom = (
  { members }: Attention,
  services: readonly Appservice[],
  roomId: RoomId,
  isMeant: (one: Appservice) => boolean = () => true,
): string[] =>
  idsOf(services, (one) => isMeant(one) && (hasRoomNamespaces(one) || (members.get(roomId)?.has(one.id) ?? false)))

/** It may be interested in rooms in which none of its users is. */
export const hasRoomNamespaces = ({ namespaces }: Appservice): boolean =>
  namespaces.rooms.length > 0 || namespaces.aliases.length > 0

function notePassing(attention: Attention, roomId: RoomId, position: number): void {
  if (attention.passing.size >= mostRooms) {
    attention.passing.clear()
    attention.since = position - 1
  }
  attention.passing.set(roomId, position)
}

function noteMail({ mail }: Attention, services: readonly Appservice[], { letters }: Mailing, position: number) {
  const meant = idsOf(services, (one) => letters.some(({ userId }) => mayActAs(one, userId)))
  for (const id of meant) mail.set(id, position)
  return meant
}

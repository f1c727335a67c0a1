import type { DeviceId, UserId } from '#spec/ids.ts'
import { transaction } from '#node/db/transaction.ts'
import { Kept } from '#node/db/kept.ts'
import { perNode, type Deps } from '#node/deps.ts'
import { write } from '#node/stream/commit.ts'
import { mailingKind, pageKind, type Mailing } from './facts.ts'
import * as store from './store.ts'

/** The most messages of one answer. */
export const mostMessages = 100

export interface InboxView {
  /** Where the reader stands; nothing is told twice that was told with a token up to this one. -1: nowhere. */
  readonly since: number
  /** The reader has stored what came with tokens up to this one. */
  readonly acknowledged: number
  /** The token of the answer. */
  readonly head: number
}

export interface Inbox {
  /** JSON texts, oldest first. */
  readonly events: readonly string[]
  /** There are more than fit. */
  readonly hasMore: boolean
}

const mostKept = 20_000

/** The devices to which nothing was sent, mostly: as the others have it, an empty list. */
const emptyOf = perNode((deps) => {
  const kept = new Kept<readonly store.LetterRow[]>(mostKept)
  let { losses } = deps.stream
  deps.stream.onCommit(({ facts }) => {
    for (const { kind, row } of facts)
      if ((kind as unknown) === mailingKind) for (const letter of (row as Mailing).letters) kept.forget(keyOf(letter))
  })
  return () => {
    if (losses !== deps.stream.losses) kept.forgetAll()
    losses = deps.stream.losses
    return kept
  }
})
const keyOf = ({ userId, deviceId }: { userId: UserId; deviceId: DeviceId }): string => `${userId} ${deviceId}`

const empty: Inbox = { events: [], hasMore: false }

/**
 * What a device has not been told of what was sent to it. A message is kept until the device comes with the token of an answer that had it,
 * so an answer that is lost on its way loses nothing.
 *
 * Answers nothing if the token of this answer would be the one that the device has: coming with it would mean two things. The log has moved
 * on then, and the answer is to be made anew.
 */
export async function readInbox(
  deps: Deps,
  device: { readonly userId: UserId; readonly deviceId: DeviceId },
  view: InboxView,
): Promise<Inbox | undefined> {
  const { since, acknowledged, head } = view
  const read = () =>
    store.readLetters(deps.sql, device, { since, acknowledged, upTo: head, limit: 2 * mostMessages + 1 })
  // Nothing of what has been announced by now is left out of this reading, so whatever makes the inbox another is yet to be announced.
  const isWhole = head >= deps.stream.head && acknowledged >= since
  let rows = await emptyOf(deps)().getOrRead(keyOf(device), read, (found) => isWhole && found.length === 0)
  if (rows.length === 0) return empty
  const isDone = ({ toldAt }: store.LetterRow) => toldAt !== null && toldAt <= acknowledged
  if (rows.some(isDone)) {
    await transaction(deps.sql, (tx) => store.deleteAcknowledged(tx, device, acknowledged))
    rows = await read()
  }
  const told = rows.slice(0, mostMessages)
  const fresh = told.filter((row) => row.toldAt === null).map((row) => row.position)
  if (fresh.length > 0) {
    if (head <= since) {
      await deps.stream.append([write(pageKind, null)])
      return undefined
    }
    await transaction(deps.sql, (tx) => store.markTold(tx, device, fresh, head))
  }
  return { events: told.map(textOf), hasMore: rows.length > told.length }
}

/** A message as a device gets it. */
export const textOf = ({ content, sender, type }: store.LetterRow): string =>
  `{"content":${content},"sender":${JSON.stringify(sender)},"type":${JSON.stringify(type)}}`

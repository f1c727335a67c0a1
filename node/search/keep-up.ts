import type { EventId } from '#spec/ids.ts'
import { transaction } from '#node/db/transaction.ts'
import { perNode, type Deps } from '#node/deps.ts'
import { eventKind, type EventRow } from '#node/rooms/facts.ts'
import { readTargets } from '#node/rooms/store.ts'
import { targetIn, type StoredEvent } from '#node/rooms/stored-event.ts'
import { searchableText, searchedTypes } from './searchable-text.ts'
import * as store from './store.ts'
import { wordsOf } from './words.ts'

/**
 * What can be found is written down after the fact, from the log: a message costs its sender nothing. A search first reads what it has missed,
 * so it finds whatever was acknowledged before it; in between, everything is written down in larger pieces.
 */

/** So long after the first of them, new messages are written down together. */
const restMs = 5_000
const pieceSize = 500
/** A search waits for so many pieces at most: after a restore or an upgrade the past is written down in the background. */
const mostPieces = 20

const runningOf = perNode<{ now: Promise<unknown> }>(() => ({ now: Promise.resolve() }))

/** Writes down what is new, as far as `pieces` go; says whether that was all. */
export function catchUp(deps: Deps, pieces = mostPieces): Promise<boolean> {
  const running = runningOf(deps)
  const next = running.now.then(async () => {
    for (let piece = 0; piece < pieces; piece++) if (await takePiece(deps)) return true
    return false
  })
  running.now = next.catch(() => undefined)
  return next
}

/** Says whether nothing is left. */
async function takePiece(deps: Deps): Promise<boolean> {
  const from = await store.readProgress(deps.sql)
  const head = deps.stream.head
  if (from >= head) return true
  const news = await store.readNews(deps.sql, from, head, searchedTypes, pieceSize)
  const isAll = news.length < pieceSize
  const targets = await targetsOf(deps, news)
  const rows = news.flatMap((event) => rowOf(event) ?? [])
  await transaction(deps.sql, async (tx) => {
    if (!(await store.moveProgress(tx, from, isAll ? head : news.at(-1)!.position))) return
    if (rows.length > 0) await store.insertTexts(tx, rows)
    const lost = targets.length > 0 ? await store.deleteTexts(tx, targets) : []
    const touched = [...lost, ...rows.flatMap((row) => row.edits ?? [])]
    if (touched.length > 0) await store.settleCurrent(tx, touched)
  })
  return isAll
}

async function targetsOf(deps: Deps, news: readonly StoredEvent[]): Promise<EventId[]> {
  const redactions = news.filter((event) => event.type === 'm.room.redaction')
  const older = redactions.filter((event) => targetIn(event) === undefined).map((event) => event.eventId)
  const beside = older.length === 0 ? [] : await readTargets(deps.sql, older)
  return [...redactions.flatMap((event) => targetIn(event) ?? []), ...beside.map((row) => row.target)]
}

function rowOf(event: StoredEvent): store.TextRow | undefined {
  const found = event.redactedBy === null ? searchableText(event) : undefined
  const words = found ? wordsOf(found.text) : []
  if (!found || words.length === 0) return undefined
  const { eventId: sourceId, sender, roomId, position } = event
  return { sourceId, edits: found.edits, sender, roomId, key: found.key, position, words }
}

/** Keeps up with the log until it is stopped. */
export function keepUp(deps: Deps): () => Promise<void> {
  let cancel: (() => void) | undefined
  const later = () => {
    cancel ??= deps.clock.after(restMs, () => {
      cancel = undefined
      catchUp(deps).then(
        (isAll) => isAll || later(),
        (error: unknown) => {
          deps.log.warn({ err: error }, 'search does not keep up')
          later()
        },
      )
    })
  }
  const stopListening = deps.stream.onCommit(({ facts }) => {
    if (cancel === undefined && facts.some(isSearched)) later()
  })
  later()
  return async () => {
    stopListening()
    cancel?.()
    // Nothing may begin after the end.
    cancel = () => undefined
    await runningOf(deps).now
  }
}

const isSearched = ({ kind, row }: { kind: unknown; row: unknown }): boolean =>
  kind === eventKind && searchedTypes.includes((row as EventRow).event.type)

import type { uploadSigningKeys as endpoint } from '#spec/api/client/keys.ts'
import type { BodyOf } from '#spec/endpoint.ts'
import { forbidden, MatrixError, missingParam } from '#spec/errors.ts'
import type { UserId } from '#spec/ids.ts'
import { isJsonObject, type JsonObject } from '#spec/json.ts'
import { checkCrossSigningKey, isSignedByKey, type Usage } from '#spec/keys/cross-signing.ts'
import { requireAuth } from '#node/accounts/interactive-auth.ts'
import { passwordStage } from '#node/accounts/password-stage.ts'
import type { Tx } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'
import { changingKeys } from './announce.ts'
import * as store from './store.ts'

type Upload = BodyOf<typeof endpoint>
type Row = store.CrossSigningRow

/**
 * Publishes the caller's keys of cross-signing.
 *
 * 1. Every key must be well formed, and signed by the master key that comes with it or is there.
 * 2. Where a key would take the place of another, or join a master key that is there, the caller proves who they are: whoever holds
 *    these keys speaks for the user. Keys that are there already stay as they are. An application service has no more to show than its token.
 * 3. A new master key takes with it those of the old ones that it has not signed.
 */
export async function uploadSigningKeys(deps: Deps, who: Identity, body: Upload, address: string): Promise<void> {
  const { userId } = who
  const given = givenKeys(userId, body)
  const before = await store.readCrossSigning(deps.sql, [userId])
  const fresh = await checkKeys(deps, userId, given, before)
  const isProven = who.appservice !== undefined
  if (!isProven && fresh.length > 0 && before.some((row) => row.usage === 'master')) {
    const stage = passwordStage(deps, userId, address)
    await requireAuth(deps, { operation: 'uploadSigningKeys', body, userId }, [[stage]])
  }
  if (fresh.length > 0)
    await changingKeys(deps, async (tx, changed) => replace(deps, tx, { userId, given, before }, changed))
}

function givenKeys(userId: UserId, body: Upload): Row[] {
  const fields = [
    ['master', body.master_key],
    ['self_signing', body.self_signing_key],
    ['user_signing', body.user_signing_key],
  ] as const
  return fields.flatMap(([usage, key]) => {
    if (key === undefined) return []
    const publicKey = checkCrossSigningKey(key as JsonObject, userId, usage)
    return { userId, usage, publicKey, key: JSON.stringify(key) }
  })
}

const keyFor = (rows: readonly Row[], usage: Usage): Row | undefined => rows.find((row) => row.usage === usage)

/** Those of the given keys that are not there yet. Throws if one of the given keys may not be published. */
async function checkKeys(
  deps: Deps,
  userId: UserId,
  given: readonly Row[],
  before: readonly Row[],
): Promise<readonly Row[]> {
  const master = keyFor(given, 'master') ?? keyFor(before, 'master')
  if (master === undefined) throw missingParam('There is no master key.')
  const names = given.map((row) => row.publicKey)
  if (new Set(names).size < names.length) throw forbidden('Each use needs a key of its own.')
  for (const { usage, key } of given)
    if (usage !== 'master' && !isSignedByKey(parse(key), userId, master.publicKey, deps.keys.crypto))
      throw new MatrixError('M_INVALID_SIGNATURE', `The ${usage} key is not signed by the master key.`)
  if (await store.isNameOfDevice(deps.sql, userId, names))
    throw forbidden('A key of cross-signing cannot be called like a device.')
  return given.filter((row) => keyFor(before, row.usage)?.publicKey !== row.publicKey)
}

async function replace(
  deps: Deps,
  tx: Tx,
  { userId, given, before }: { userId: UserId; given: readonly Row[]; before: readonly Row[] },
  changed: (change: store.ListChange) => void,
): Promise<void> {
  await store.lockUser(tx, userId)
  const now = await store.readCrossSigning(tx, [userId])
  // What was proved was proved about the keys that were there.
  if (namesOf(now) !== namesOf(before))
    throw new MatrixError('M_UNKNOWN', 'The keys have changed meanwhile. Please try again.', { status: 409 })
  const fresh = given.filter((row) => keyFor(now, row.usage)?.publicKey !== row.publicKey)
  const master = keyFor(given, 'master')
  const isLeftBehind = (row: Row) =>
    master !== undefined &&
    row.usage !== 'master' &&
    !isSignedByKey(parse(row.key), userId, master.publicKey, deps.keys.crypto)
  const gone = now.filter((row) => keyFor(fresh, row.usage) ?? isLeftBehind(row))
  if (gone.length > 0) await store.deleteCrossSigning(tx, userId, gone)
  await store.upsertCrossSigning(tx, fresh)
  changed({ userId, seenBy: '' })
}

const namesOf = (rows: readonly Row[]): string =>
  rows
    .map((row) => `${row.usage} ${row.publicKey}`)
    .toSorted()
    .join('\n')

function parse(text: string): JsonObject {
  const key: unknown = JSON.parse(text)
  return isJsonObject(key) ? key : {}
}

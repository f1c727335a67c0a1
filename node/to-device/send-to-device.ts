import { maxRecipients, maxToDeviceBytes } from '#spec/api/client/to-device.ts'
import { invalidParam, MatrixError } from '#spec/errors.ts'
import { serverOf, type DeviceId, type UserId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import { isLongerThan, maxKeyBytes } from '#spec/limits.ts'
import type { Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'
import { write } from '#node/stream/commit.ts'
import { mailingKind, transactionKind, type Letter } from './facts.ts'
import * as store from './store.ts'

/** Messages by user and device; the device `*` stands for all that are not named. */
export type Messages = Readonly<Record<string, Readonly<Record<string, JsonObject>>>>

/** The most bytes that one request may become. */
const mostBytes = 16_777_216

/** Puts messages into the inboxes of devices, all or none; the same transaction of a device once. */
export async function sendToDevice(
  deps: Deps,
  { userId, deviceId }: Identity,
  { type, txnId }: { type: string; txnId: string },
  messages: Messages,
): Promise<void> {
  for (const name of [type, txnId])
    if (name === '' || isLongerThan(name, maxKeyBytes))
      throw invalidParam(`Types and transaction ids have 1 to ${maxKeyBytes} bytes.`)
  const transaction = { userId, deviceId, type, txnId }
  const letters = await addressed(deps, messages)
  try {
    await deps.stream.append([
      write(mailingKind, { sender: userId, type, letters }),
      write(transactionKind, { ...transaction, createdAt: deps.clock.now() }),
    ])
  } catch (error) {
    // A transaction that is there was refused for that, and has been answered before.
    if (!(await store.hasTransaction(deps.sql, transaction))) throw error
  }
}

async function addressed(deps: Deps, messages: Messages): Promise<Letter[]> {
  const texts = textsOf(deps, messages)
  const forAll = [...texts].filter(([, named]) => named.has('*')).map(([userId]) => userId)
  const devices = forAll.length === 0 ? [] : await store.readDevicesOf(deps.sql, forAll)
  const letters = [...texts].flatMap(([userId, named]) =>
    [...named].filter(([name]) => name !== '*').map(([name, content]) => letterTo(userId, name, content)),
  )
  for (const { userId, deviceId } of devices) {
    const named = texts.get(userId)!
    if (!named.has(deviceId)) letters.push(letterTo(userId, deviceId, named.get('*')!))
  }
  const bytes = letters.reduce((sum, letter) => sum + letter.content.length, 0)
  if (letters.length > maxRecipients || bytes > mostBytes)
    throw new MatrixError('M_TOO_LARGE', `A request reaches at most ${maxRecipients} devices with ${mostBytes} bytes.`)
  return letters
}

const letterTo = (userId: UserId, deviceId: string, content: string): Letter => ({
  userId,
  deviceId: deviceId as DeviceId,
  content,
})

/** The contents for users of this server. Whoever is elsewhere cannot be reached from here. */
function textsOf(deps: Deps, messages: Messages): Map<UserId, Map<string, string>> {
  const ours = Object.entries(messages).filter(([userId]) => serverOf(userId as UserId) === deps.config.serverName)
  return new Map(
    ours.map(([userId, named]) => [
      userId as UserId,
      new Map(Object.entries(named).map(([name, content]) => [name, textOf(content)])),
    ]),
  )
}

function textOf(content: JsonObject): string {
  const text = JSON.stringify(content)
  if (isLongerThan(text, maxToDeviceBytes))
    throw new MatrixError('M_TOO_LARGE', `A message has at most ${maxToDeviceBytes} bytes.`)
  return text
}

import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { signWith, systemCrypto } from '#node/deps.ts'
import type { EventId, RoomId, ServerName, UserId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import { buildEvent, signEvent } from '#spec/room/build.ts'
import { wireForm } from '#spec/room/event.ts'
import { redact } from '#spec/room/redact.ts'
import type { RoomVersion } from '#spec/room/versions.ts'
import { decodeBase64, signedBytes } from '#spec/sign.ts'

/** An event that another server made, as it comes, and with what it takes to verify nothing but its signature. */
export interface ReceivedEvent {
  readonly wire: JsonObject
  readonly server: ServerName
  readonly keyId: string
  readonly publicKey: Uint8Array
  readonly key: KeyObject
  readonly signed: Uint8Array
  readonly signature: Uint8Array
}

interface Keys {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

const keyId = 'ed25519:1'
const servers = 20

/** Messages of about 1 kB on the wire, from several servers. */
export function receiveEvents(version: RoomVersion, count: number): ReceivedEvent[] {
  const keys = Array.from({ length: servers }, () => generateKeyPairSync('ed25519'))
  return Array.from({ length: count }, (_, n) => receiveEvent(version, n, keys[n % servers]!))
}

function receiveEvent(version: RoomVersion, n: number, { publicKey, privateKey }: Keys): ReceivedEvent {
  const server = `server${n % servers}.example.org` as ServerName
  const sign = (message: Uint8Array): Uint8Array => signWith(privateKey, message)
  const event = signEvent(
    version,
    buildEvent(version, message(server, n), place(version, n)),
    { server, keyId, sign },
    systemCrypto,
  )
  const wire = wireForm(version, event)
  return {
    wire,
    server,
    keyId,
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).subarray(-32),
    key: publicKey,
    signed: signedBytes(redact(version, wire)),
    signature: decodeBase64(event.signatures[server]![keyId]!)!,
  }
}

const message = (server: ServerName, n: number) => ({
  type: 'm.room.message',
  sender: `@somebody:${server}` as UserId,
  content: { msgtype: 'm.text', body: `${n} ${'What was said at the table. '.repeat(14)}` },
})

function place(version: RoomVersion, n: number) {
  const hash = (of: string): string => createHash('sha256').update(`${of}${n}`).digest('base64url')
  return {
    roomId: (version.roomIdIsCreateHash ? `!${hash('room')}` : '!room:example.org') as RoomId,
    heads: [{ event_id: `$${hash('head')}` as EventId, depth: n }],
    authEvents: ['levels', 'member', 'create'].map((name) => `$${hash(name)}` as EventId),
    originServerTs: 1_700_000_000_000 + n,
  }
}

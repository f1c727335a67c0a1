import { generateKeyPairSync, hash, randomBytes, sign } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import pino from 'pino'
import { WebSocketServer } from 'ws'
import { canonicalJson, type JsonObject } from '#spec/json.ts'
import { connect, type Sql } from '#node/db/connect.ts'
import { startEmbedded } from '#node/db/embedded.ts'

/*
 * The limit: what one process of Node and one Postgres can do at most for a message that arrives over HTTP, is hashed, signed and
 * durable before it is acknowledged, and goes out over WebSockets. No accounts, no room rules, no state; one table, one connection.
 * A node is measured against this, in the same run on the same machine.
 *
 *   node test/bench/limit.ts DATA_FOLDER     (started by bench.ts, which hears the port over the parent's channel)
 */

interface Waiting {
  readonly room: string
  readonly content: string
  readonly envelope: string
  readonly eventId: string
  /** The event as clients see it. */
  readonly shown: string
  readonly response: ServerResponse
}

interface Room {
  readonly name: string
  head: string
  depth: number
  readonly listeners: Set<Listener>
  /** What went out lately, for listeners that are behind; the first of it has the number `logStart`. */
  log: string[]
  logStart: number
  lastFrame: { from: number; to: number; bytes: Buffer } | undefined
}

interface Listener {
  readonly socket: Socket
  readonly room: Room
  /** The number of the next message it is to get. */
  next: number
}

const { privateKey } = generateKeyPairSync('ed25519')
const rooms = new Map<string, Room>()
const threeStateEvents = [1, 2, 3].map(() => `"$${randomBytes(32).toString('base64url')}"`).join(',')

function roomOf(name: string): Room {
  const present = rooms.get(name)
  if (present) return present
  const head = `$${randomBytes(32).toString('base64url')}`
  const made = { name, head, depth: 1, listeners: new Set<Listener>(), log: [], logStart: 0, lastFrame: undefined }
  rooms.set(name, made)
  return made
}

// Receiving

function onRequest(request: IncomingMessage, response: ServerResponse): void {
  let body = ''
  request.setEncoding('utf8')
  request.on('data', (text: string) => (body += text))
  request.on('end', () => {
    // ['', '_matrix', 'client', 'v3', 'rooms', room, 'send', type, transaction]
    const room = decodeURIComponent(request.url!.split('/')[5]!)
    waiting.push(makeEvent(roomOf(room), JSON.parse(body) as JsonObject, response))
    running ??= Promise.resolve().then(commitAll)
  })
}

const sha256 = (text: string, encoding: 'base64' | 'base64url'): string =>
  hash('sha256', text, encoding).replace(/=+$/, '')

/** What Matrix asks of every event: a hash over all of it, a signature and an id over what a redaction would leave. */
function makeEvent(room: Room, body: JsonObject, response: ServerResponse): Waiting {
  const sender = '@limit:localhost'
  const sentAt = Date.now()
  const content = canonicalJson(body)
  const depth = ++room.depth
  const place = `"depth":${depth}`
  const rest = `"origin_server_ts":${sentAt},"prev_events":["${room.head}"],"room_id":"${room.name}","sender":"${sender}"`
  const end = `"type":"m.room.message"}`
  const auth = `{"auth_events":[${threeStateEvents}]`
  const contentHash = sha256(`${auth},"content":${content},${place},${rest},${end}`, 'base64')
  const hashes = `"hashes":{"sha256":"${contentHash}"}`
  const redacted = `${auth},"content":{},${place},${hashes},${rest},${end}`
  const signature = sign(null, Buffer.from(redacted), privateKey).toString('base64').replace(/=+$/, '')
  const eventId = `$${sha256(redacted, 'base64url')}`
  const signatures = `"signatures":{"localhost":{"ed25519:limit":"${signature}"}}`
  const envelope = `${auth},${place},${hashes},${rest},${signatures},${end}`
  const shown = `{"content":${content},"event_id":"${eventId}","origin_server_ts":${sentAt},"sender":"${sender}","type":"m.room.message"}`
  room.head = eventId
  return { room: room.name, content, envelope, eventId, shown, response }
}

// Storing

let waiting: Waiting[] = []
let running: Promise<void> | undefined
let position = 0
let sql: Sql

async function commitAll(): Promise<void> {
  while (waiting.length > 0) {
    const batch = waiting.splice(0, 500)
    await store(batch)
    announce(batch)
    for (const one of batch) acknowledge(one)
  }
  running = undefined
}

const store = (batch: readonly Waiting[]): Promise<unknown> => {
  const positions = batch.map(() => ++position)
  return sql`
    insert into sent (event_id, room_id, position, content, envelope)
    select * from unnest(
      ${batch.map((one) => one.eventId)}::text[], ${batch.map((one) => one.room)}::text[], ${positions}::bigint[],
      ${batch.map((one) => one.content)}::text[], ${batch.map((one) => one.envelope)}::text[])`
}

function acknowledge({ response, eventId }: Waiting): void {
  const body = `{"event_id":"${eventId}"}`
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
  response.end(body)
}

// Delivering

function announce(batch: readonly Waiting[]): void {
  const touched = new Set<Room>()
  for (const one of batch) {
    const room = rooms.get(one.room)!
    room.log.push(one.shown)
    touched.add(room)
  }
  for (const room of touched) {
    for (const listener of room.listeners) deliver(listener)
    trim(room)
  }
}

/** Everything that is new for this listener in one frame; a slow one waits, and gets more at once. */
function deliver(listener: Listener): void {
  const { room, socket } = listener
  const end = room.logStart + room.log.length
  if (listener.next === end || socket.writableNeedDrain) return
  socket.write(frameOf(room, listener.next, end))
  listener.next = end
}

/** Made once for all listeners that stand at the same place. */
function frameOf(room: Room, from: number, to: number): Buffer {
  const last = room.lastFrame
  if (last?.from === from && last.to === to) return last.bytes
  const events = room.log.slice(from - room.logStart).join(',')
  const text = `{"next_batch":"s${position}","rooms":{"join":{"${room.name}":{"timeline":{"events":[${events}],"limited":false}}}}}`
  const bytes = textFrame(text)
  room.lastFrame = { from, to, bytes }
  return bytes
}

function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const headSize = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(headSize + length)
  frame[0] = 0x81
  if (headSize === 2) frame[1] = length
  else if (headSize === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  frame.write(text, headSize)
  return frame
}

const longestLog = 5_000

/** Nobody needs what everybody has. */
function trim(room: Room): void {
  if (room.log.length < longestLog) return
  let needed = room.logStart + room.log.length
  for (const { next } of room.listeners) needed = Math.min(needed, next)
  room.log = room.log.slice(needed - room.logStart)
  room.logStart = needed
}

/** The first message of a listener names its room; the answer is an empty frame. */
function onStart(socket: Socket, start: { room: string }): void {
  const room = roomOf(start.room)
  const listener: Listener = { socket, room, next: room.logStart + room.log.length }
  room.listeners.add(listener)
  socket.on('drain', () => deliver(listener))
  socket.on('close', () => room.listeners.delete(listener))
  socket.write(textFrame('{"next_batch":"s0"}'))
}

// Starting

async function main(): Promise<void> {
  const database = await startEmbedded({ dataDir: process.argv[2]!, log: pino({ level: 'warn' }) })
  sql = connect(database.url, { max: 1 })
  await sql`
    create table if not exists sent (
      event_id text primary key, room_id text not null, position bigint not null,
      content text not null, envelope text not null)`
  const server = createServer(onRequest)
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  server.on('upgrade', (request, socket: Socket, head) => {
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      socket.setNoDelay(true)
      webSocket.once('message', (data: Buffer) => onStart(socket, JSON.parse(data.toString()) as { room: string }))
    })
  })
  server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }))
  process.on('disconnect', () => {
    void sql
      .end({ timeout: 1 })
      .then(() => database.stop())
      .then(() => process.exit(0))
  })
}

await main()

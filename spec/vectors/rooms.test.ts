import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseJson } from '#spec/json.ts'
import { decodeEvent, encodeEvent } from '#spec/room/build.ts'
import { eventIdOf, fromWire, hashMatches, redactEvent } from '#spec/room/event.ts'
import type { StateMap } from '#spec/room/resolve/state-map.ts'
import { requireRoomVersion, roomVersionIds } from '#spec/room/versions.ts'
import { publicKeys, tellFamilyRoom, type FamilyRoom, type Line } from './family-room.ts'
import { nobleCrypto } from './noble-crypto.ts'
import { Receiver, type ServerKeys } from './receiver.ts'

interface Head {
  readonly about: string
  readonly room_version: string
  readonly keys: ServerKeys
}
interface End {
  /** Type, state key, event id. */
  readonly final_state: readonly (readonly [string, string, string])[]
  /** Events that a redaction takes the content of. */
  readonly redacted: readonly string[]
}

const fileOf = (id: string): string => `./room-v${id}.jsonl`

function textOf({ version, lines, story }: FamilyRoom): string {
  const head: Head = {
    about: `A room of version ${version.id}, event by event. This line has the keys of the servers, the last one the state that comes out (type, state key, event id) and what redactions took away. Every other one has an event as servers exchange it, its id, and what refuses it: null, the number of an authorisation rule of this version, "signature", or the error of an event in a bad format. Where "redacted" is true, the content does not match its hash.`,
    room_version: version.id,
    keys: publicKeys,
  }
  const last = story.told.findLast(({ refused }) => refused === undefined)!.event
  const target = lines.find(({ event }) => event['type'] === 'm.room.message')!.event_id
  const end: End = { final_state: listOf(story.stateAfter(last.event_id)), redacted: [target] }
  return [head, ...lines, end].map((line) => JSON.stringify(line)).join('\n') + '\n'
}

const listOf = (state: StateMap): [string, string, string][] =>
  [...state].map(([key, id]): [string, string, string] => [...splitKey(key), id]).sort(byTypeAndKey)
const splitKey = (key: string): [string, string] => {
  const [type, stateKey] = key.split('\u0000')
  return [type!, stateKey!]
}
const byTypeAndKey = (a: readonly string[], b: readonly string[]): number =>
  a.slice(0, 2).join('\u0000') < b.slice(0, 2).join('\u0000') ? -1 : 1

test.each(roomVersionIds)('the room of version %s is told as it is kept', async (id) => {
  const room = tellFamilyRoom(requireRoomVersion(id))
  expect(room.surprises).toEqual([])
  await expect(textOf(room)).toMatchFileSnapshot(fileOf(id))
})

interface Kept {
  readonly head: Head
  readonly lines: readonly Line[]
  readonly end: End
}

function readRoom(id: string): Kept {
  const lines = readFileSync(new URL(fileOf(id), import.meta.url), 'utf8')
    .trim()
    .split('\n')
  const [head, ...rest] = lines.map((line) => parseJson(line) as unknown) as [Head, ...Line[], End]
  return { head, lines: rest.slice(0, -1) as Line[], end: rest.at(-1) as End }
}

test.each(roomVersionIds)('a server that receives the room of version %s decides the same', (id) => {
  const { head, lines, end } = readRoom(id)
  expect(head.room_version).toBe(id)
  const receiver = new Receiver(requireRoomVersion(id), head.keys)
  const decisions = lines.map(({ event_id, event }) => ({ event_id, refused: receiver.receive(event) }))
  expect(decisions).toEqual(lines.map(({ event_id, refused }) => ({ event_id, refused })))
  expect(listOf(receiver.finalState())).toEqual(end.final_state)
  // What the branches left: Ada's avatar, and nothing that Ben pinned.
  const types = end.final_state.map(([type]) => type)
  expect(types).toContain('m.room.avatar')
  expect(types).not.toContain('m.room.pinned_events')
  expect([...receiver.redacted]).toEqual(end.redacted)
})

test.each(roomVersionIds)('ids, hashes and kept texts of the room of version %s', (id) => {
  const version = requireRoomVersion(id)
  for (const { event_id, event: wire, redacted, refused } of readRoom(id).lines) {
    expect(eventIdOf(version, wire, nobleCrypto)).toBe(event_id)
    if (refused?.startsWith('M_')) continue
    if (refused !== 'signature') expect(hashMatches(wire, nobleCrypto)).toBe(redacted === undefined)
    const event = fromWire(version, wire, nobleCrypto)
    if (redacted) expect(event).toEqual(redactEvent(version, event))
    const { content, envelope } = encodeEvent(version, event)
    expect(decodeEvent(event.event_id, event.room_id, content, envelope)).toEqual(event)
  }
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { identifyToken } from '#node/accounts/identify-token.ts'
import { lowerPasswordCost } from '#node/accounts/password.ts'
import { peopleOf } from '#node/presence/people.ts'
import { senderOf } from '#node/scheduled/send-due.ts'
import { slices } from '#node/slices.ts'
import { chance } from '#node/sync/testing/play.ts'
import { addDevice, addTalker, type Talker } from '#node/sync/testing/talk.ts'
import { serveSlices, type ServedSlices } from '#test/serve-slices.ts'
import { happen, happenings, type Scene } from './happenings.ts'
import { Reader } from './reader.ts'

/** These found something once. */
const knownSeeds = [103, 109, 142]
/** SYNC_SEEDS of them, for long runs; SYNC_FIRST_SEED says where they begin. */
const count = Number(process.env['SYNC_SEEDS'] ?? 16)
const first = Number(process.env['SYNC_FIRST_SEED'] ?? 1)
const seeds = [...new Set([...knownSeeds, ...Array.from({ length: count }, (_, i) => first + i)])]

let node: ServedSlices
const done = new Set<string>()

beforeAll(async () => {
  node = await serveSlices(slices, {
    identifyToken,
    prepare: (deps) => lowerPasswordCost(deps),
    settings: { HEARTH_REGISTRATION: 'open' },
  })
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

async function passTime(ms: number): Promise<void> {
  for (const step of [ms, 1_000]) {
    node.clock.advance(step)
    await peopleOf(node.deps).announced
    await senderOf(node.deps).idle()
    await node.deps.stream.idle()
  }
}

async function stage(seed: number, random: (n: number) => number): Promise<{ scene: Scene; readers: Reader[] }> {
  const names = ['ali', 'bea', 'can'].map((name) => `${name}${seed}`)
  const people: Talker[] = []
  const readers: Reader[] = []
  for (const name of names) {
    const who = await addTalker(node, name)
    const witness = await addDevice(node, name)
    people.push(who)
    readers.push(new Reader(who, witness, random), new Reader(await addDevice(node, name), witness, random))
  }
  const rooms = [
    await people[0]!.createRoom({ preset: 'public_chat' }),
    await people[1]!.createRoom({ preset: 'public_chat' }),
  ]
  for (const who of people) for (const roomId of rooms) if (random(4) > 0) await who.join(roomId)
  const devices = readers.map((reader) => reader.who)
  const mail = new Map(readers.map((reader) => [reader.who, reader.mail]))
  return { scene: { people, devices, mail, rooms, random, step: 0, passTime }, readers }
}

test.each(seeds)('increments add up to the whole (seed %i)', async (seed) => {
  const random = chance(seed * 7_919)
  const { scene, readers } = await stage(seed, random)
  const story: string[] = []
  try {
    for (let step = 0; step < 40; step++) {
      const { name, isDone } = await happen({ ...scene, step })
      story.push(isDone ? name : `(${name})`)
      if (isDone) done.add(name)
      if (random(3) > 0) continue
      const reader = readers[random(readers.length)]!
      story.push(`check ${readers.indexOf(reader)}`)
      await reader.check(random)
    }
    await passTime(3_600_000)
    for (const reader of readers) {
      story.push(`last check ${readers.indexOf(reader)}`)
      await reader.check(random)
    }
  } catch (error) {
    const habits = readers.map((reader) => JSON.stringify(reader.habit)).join('\n')
    throw new Error(`seed ${seed}: ${story.join(', ')}\n${habits}\n${String(error)}`, { cause: error })
  }
})

test.runIf(count >= 40)('everything that can happen happened', () => {
  expect(Object.keys(happenings).filter((name) => !done.has(name))).toEqual([])
})

import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ClientEvent } from '#spec/api/client/client-event.ts'
import { historyVisibilityOf, membershipOf } from '#spec/room/content.ts'
import type { RoomId, UserId } from '#spec/ids.ts'
import { isVisible, visibilityCase } from '#spec/room/visible.ts'
import type { Answer, ServedSlices } from '#test/serve-slices.ts'
import { readEvents } from './store.ts'
import { addCaller, ok, refusal, serveRooms, type Caller } from './testing/caller.ts'
import { sightOf } from './visible-events.ts'

let node: ServedSlices
let owner: Caller
let others: Caller[]
beforeAll(async () => {
  node = await serveRooms()
  owner = await addCaller(node, 'owner')
  others = await Promise.all(['mert', 'zeynep', 'can', 'never'].map((name) => addCaller(node, name)))
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

type Step = readonly [what: string, who: number]

/** What may happen in a room; whatever the rules refuse simply does not happen. The fourth person is only ever invited. */
const steps = fc.array(
  fc.tuple(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('join', 'leave', 'invite', 'kick', 'ban', 'unban', 'forget') },
      { weight: 3, arbitrary: fc.constantFrom('world_readable', 'shared', 'invited', 'joined', 'nonsense') },
      { weight: 4, arbitrary: fc.constantFrom('say', 'topic') },
    ),
    fc.nat({ max: 2 }),
  ),
  { minLength: 30, maxLength: 50 },
)

async function take(roomId: string, [what, index]: Step, number: number): Promise<Answer | string> {
  const who = others[index]!
  switch (what) {
    case 'join':
      return who.join(roomId)
    case 'leave':
      return who.leave(roomId)
    case 'forget':
      return who.forget(roomId)
    case 'invite':
      return number % 7 === 0 ? owner.invite(roomId, others[3]!.id) : owner.invite(roomId, who.id)
    case 'kick':
      return owner.kick(roomId, who.id)
    case 'ban':
      return owner.ban(roomId, who.id)
    case 'unban':
      return owner.unban(roomId, who.id)
    case 'say':
      return owner.say(roomId, `<said ${number}>`)
    case 'topic':
      return owner.setState(roomId, 'm.room.topic', { topic: `<said ${number}>` })
    default:
      return owner.setState(roomId, 'm.room.history_visibility', { history_visibility: what })
  }
}

interface Expected {
  /** Ids of the events that the user may see, oldest first. */
  readonly visible: ReadonlySet<string>
  /** Membership of the user at each event. */
  readonly memberships: readonly string[]
  /** How many events the user pages through at most; nothing: none, for they are outside. */
  readonly reach: number | undefined
}

/** The specification, applied to the whole history event by event. */
function expectedOf(history: readonly ClientEvent[], userId: string, hasForgotten: boolean): Expected {
  const state = new Map<string, ClientEvent>()
  const stateBefore = (type: string, key: string) => state.get(`${type} ${key}`)
  const isOwn = (event: ClientEvent) => event.type === 'm.room.member' && event.state_key === userId
  const lastJoin = history.findLastIndex((event) => isOwn(event) && membershipOf(event) === 'join')
  const visible = new Set<string>()
  const memberships: string[] = []
  history.forEach((event, index) => {
    const { type, content, state_key } = event
    const seenBy = hasForgotten ? '@nobody:localhost' : userId
    const outline = { type, content, ...(state_key !== undefined && { state_key }) }
    const joinedLater = !hasForgotten && lastJoin > index
    if (isVisible(visibilityCase(outline, seenBy, stateBefore, joinedLater))) visible.add(event.event_id)
    if (state_key !== undefined) state.set(`${type} ${state_key}`, event)
    memberships.push(membershipOf(stateBefore('m.room.member', userId)) ?? 'leave')
  })
  const isInside = memberships.at(-1) === 'join'
  const isOpen = historyVisibilityOf(stateBefore('m.room.history_visibility', '')) === 'world_readable'
  const left = history.findIndex((event, index) => index > lastJoin && isOwn(event))
  const wasInside = lastJoin >= 0 && !hasForgotten
  const reach = isInside || isOpen ? history.length : wasInside ? left + 1 : undefined
  return { visible, memberships, reach }
}

test.each([72, 73, 74, 75])(
  'everybody sees what the specification lets them see, by every way, and nothing else (%i)',
  async (seed) => {
    const counts = { visible: 0, hidden: 0, outside: 0 }
    await fc.assert(
      fc.asyncProperty(steps, async (story) => {
        const roomId = await owner.createRoom({ preset: 'public_chat' })
        for (const [number, step] of story.entries()) await take(roomId, step, number)
        const history = await owner.history(roomId)
        for (const who of others) await checkSight(roomId, history, who, counts)
      }),
      { numRuns: 3, seed, endOnFailure: true },
    )
    // The stories were worth telling.
    expect(Math.min(counts.visible, counts.hidden)).toBeGreaterThan(50)
    expect(counts.outside).toBeGreaterThan(0)
  },
)

async function checkSight(
  roomId: string,
  history: readonly ClientEvent[],
  who: Caller,
  counts: { visible: number; hidden: number; outside: number },
): Promise<void> {
  const [row] = await node.database.sql<{ forgotten: boolean }[]>`
    select forgotten from members where room_id = ${roomId} and user_id = ${who.id}`
  const { visible, memberships, reach } = expectedOf(history, who.id, row?.forgotten ?? false)
  // All at once, and some of them one by one.
  const ids = history.map((event) => event.event_id)
  const stored = (await readEvents(node.deps.sql, ids)).toSorted((a, b) => a.position - b.position)
  const sight = await sightOf(node.deps, who.id as UserId, roomId as RoomId, stored)
  expect(sight.events.map((event) => event.eventId)).toEqual(ids.filter((eventId) => visible.has(eventId)))
  for (const event of sight.events) expect(sight.membershipAt(event)).toBe(memberships[ids.indexOf(event.eventId)])
  for (const [index, eventId] of ids.entries()) {
    const isThere = visible.has(eventId)
    counts[isThere ? 'visible' : 'hidden']++
    if (index % 6 !== 0) continue
    const answer = await who.event(roomId, eventId)
    expect(refusal(answer), JSON.stringify(history[index])).toBe(isThere ? '200 undefined' : '404 M_NOT_FOUND')
    if (isThere) expect(answer.body.unsigned!.membership).toBe(memberships[index])
  }
  // By pages, in both directions.
  if (reach === undefined) {
    counts.outside++
    expect(refusal(await who.messages(roomId))).toBe('403 M_FORBIDDEN')
    expect(refusal(await who.state(roomId))).toBe('403 M_FORBIDDEN')
    return
  }
  const within = history.slice(0, reach).filter((event) => visible.has(event.event_id))
  const forth = await who.history(roomId, { limit: '17' })
  expect(forth.map((event) => event.event_id)).toEqual(within.map((event) => event.event_id))
  const back = await who.history(roomId, { dir: 'b', limit: '13' })
  expect(back.map((event) => event.event_id)).toEqual(within.map((event) => event.event_id).toReversed())
  // What was said in secret stands nowhere in between the lines.
  const hidden = history.filter((event) => !visible.has(event.event_id)).flatMap((event) => wordsOf(event))
  const told = JSON.stringify([forth, back])
  for (const words of hidden) expect(told).not.toContain(words)
  // Around one event.
  const middle = within[Math.floor(within.length / 2)]
  if (middle === undefined) return
  const context = ok(await who.context(roomId, middle.event_id, { limit: '8' }))
  const around = [...context.events_before!, ...context.events_after!].map((event) => event.event_id as string)
  expect(around.every((eventId) => visible.has(eventId))).toBe(true)
  expect(around.length).toBe(
    Math.min(4, within.indexOf(middle)) + Math.min(4, within.length - 1 - within.indexOf(middle)),
  )
}

const wordsOf = ({ content }: ClientEvent): string[] =>
  [content['body'], content['topic']].filter((words) => typeof words === 'string')

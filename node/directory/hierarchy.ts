import { maxHierarchyDepth, maxHierarchyPage, type getHierarchy } from '#spec/api/client/spaces.ts'
import type { QueryOf, ResponseOf } from '#spec/endpoint.ts'
import { invalidParam } from '#spec/errors.ts'
import { isRoomId, type RoomId, type UserId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import { outside } from '#node/rooms/room.ts'
import { lookAtRooms } from './look-at-rooms.ts'
import { readChildren, type Child } from './space-children.ts'
import type { LookedAtRow } from './store.ts'
import { summaryForm } from './summarise-room.ts'

type Answer = ResponseOf<typeof getHierarchy>

/** A page ends after this many children, though fewer of them may be shown. */
const mostExamined = 1_000
/** A tree is not followed beyond this many rooms: spaces that have each other in many ways have no end. */
const mostRooms = 50_000
/** So many children are looked at together. */
const atOnce = 100

/** Where a walk through a space stands. It is all in the token: nothing is kept between pages. */
interface Place {
  readonly suggestedOnly: boolean
  readonly maxDepth: number
  /** Children that were examined before. */
  readonly examined: number
  /** The spaces from the root down to where the walk is, and how many children of each are done. */
  readonly path: readonly (readonly [space: RoomId, done: number])[]
}

/** A space whose children are being walked through. */
interface Frame {
  readonly space: RoomId
  readonly children: readonly Child[]
  done: number
  readonly looked: Map<RoomId, LookedAtRow>
  lookedUpTo: number
}

/** A page of the tree of a space: each room, then what is below it, then its next sibling. */
export async function readHierarchy(
  deps: Deps,
  userId: UserId,
  root: RoomId,
  query: QueryOf<typeof getHierarchy>,
): Promise<Answer> {
  const walk = new Walk(deps, userId, placeOf(root, query), Math.min(query.limit ?? maxHierarchyPage, maxHierarchyPage))
  if (query.from === undefined) await walk.enterRoot(root)
  else await walk.resume()
  await walk.go()
  const next = await walk.next()
  return { rooms: walk.rooms, ...(next && { next_batch: tokenOf(next) }) }
}

class Walk {
  readonly rooms: Answer['rooms'] = []
  readonly #deps: Deps
  readonly #userId: UserId
  readonly #place: Place
  readonly #limit: number
  readonly #frames: Frame[] = []
  readonly #seen = new Set<RoomId>()
  #examined = 0

  constructor(deps: Deps, userId: UserId, place: Place, limit: number) {
    this.#deps = deps
    this.#userId = userId
    this.#place = place
    this.#limit = limit
  }

  async enterRoot(root: RoomId): Promise<void> {
    const room = (await this.#look([root])).get(root)
    if (room === undefined) throw outside()
    await this.#show(room)
  }

  /** Takes up the path of a token. What has been closed to the reader since then ends it there. */
  async resume(): Promise<void> {
    const { path, suggestedOnly } = this.#place
    const open = await this.#look(path.map(([space]) => space))
    if (!open.has(path[0]![0])) throw outside()
    for (const [space, done] of path) {
      if (!open.has(space)) return
      this.#seen.add(space)
      this.#frames.push(frameOf(space, await readChildren(this.#deps, space, suggestedOnly), done))
    }
  }

  async go(): Promise<void> {
    while (this.rooms.length < this.#limit && this.#examined < mostExamined) {
      const child = this.#nextChild()
      if (child === undefined) return
      const frame = this.#frames.at(-1)!
      this.#examined++
      if (frame.done++ >= frame.lookedUpTo) await this.#lookAhead(frame)
      const room = frame.looked.get(child.roomId)
      if (room !== undefined && !this.#seen.has(room.roomId)) await this.#show(room)
    }
  }

  /** Where the next page begins; nothing at the end. */
  async next(): Promise<Place | undefined> {
    const examined = this.#place.examined + this.#examined
    if (this.#nextChild() === undefined || examined >= mostRooms) return undefined
    return { ...this.#place, examined, path: this.#frames.map(({ space, done }) => [space, done]) }
  }

  #nextChild(): Child | undefined {
    for (let frame = this.#frames.at(-1); frame !== undefined; frame = this.#frames.at(-1)) {
      const child = frame.children[frame.done]
      if (child !== undefined) return child
      this.#frames.pop()
    }
    return undefined
  }

  async #lookAhead(frame: Frame): Promise<void> {
    const from = frame.done - 1
    const children = frame.children.slice(from, from + atOnce)
    frame.lookedUpTo = from + children.length
    frame.looked.clear()
    for (const [id, room] of await this.#look(children.map((child) => child.roomId))) frame.looked.set(id, room)
  }

  #look(rooms: readonly RoomId[]): Promise<Map<RoomId, LookedAtRow>> {
    return lookAtRooms(this.#deps, this.#userId, rooms)
  }

  async #show(room: LookedAtRow): Promise<void> {
    this.#seen.add(room.roomId)
    const isSpace = room.roomType === 'm.space'
    const children = isSpace ? await readChildren(this.#deps, room.roomId, this.#place.suggestedOnly) : []
    this.rooms.push({ ...summaryForm(room), children_state: children.map(strippedChild) })
    if (this.#frames.length < this.#place.maxDepth && children.length > 0)
      this.#frames.push(frameOf(room.roomId, children, 0))
  }
}

const frameOf = (space: RoomId, children: readonly Child[], done: number): Frame => ({
  space,
  children,
  done,
  looked: new Map(),
  lookedUpTo: 0,
})

const strippedChild = ({ roomId, sender, originServerTs, content }: Child) => ({
  type: 'm.space.child',
  state_key: roomId as string,
  sender,
  content,
  origin_server_ts: originServerTs,
})

function placeOf(root: RoomId, query: QueryOf<typeof getHierarchy>): Place {
  const suggestedOnly = query.suggested_only ?? false
  const maxDepth = Math.min(query.max_depth ?? maxHierarchyDepth, maxHierarchyDepth)
  if (query.from === undefined) return { suggestedOnly, maxDepth, examined: 0, path: [] }
  const place = parseToken(query.from)
  if (place === undefined || place.path[0]?.[0] !== root) throw invalidParam('This is not a token for this space.')
  const isSame =
    (query.suggested_only === undefined || place.suggestedOnly === suggestedOnly) &&
    (query.max_depth === undefined || place.maxDepth === maxDepth)
  if (!isSame) throw invalidParam('suggested_only and max_depth cannot change from one page to the next.')
  return place
}

const tokenOf = ({ suggestedOnly, maxDepth, examined, path }: Place): string =>
  [suggestedOnly ? 's' : 'a', maxDepth, examined, ...path.flatMap(([space, done]) => [done, space])].join('~')

function parseToken(token: string): Place | undefined {
  const [kind, depth, examined, ...rest] = token.split('~')
  if ((kind !== 'a' && kind !== 's') || rest.length % 2 !== 0 || rest.length > 2 * (maxHierarchyDepth + 1))
    return undefined
  const path: [RoomId, number][] = []
  for (let i = 0; i < rest.length; i += 2) {
    const [done, space] = [rest[i]!, rest[i + 1]]
    if (!isRoomId(space) || !isCount(done)) return undefined
    path.push([space, Number(done)])
  }
  if (!isCount(depth) || !isCount(examined) || Number(depth) > maxHierarchyDepth || path.length > Number(depth))
    return undefined
  return { suggestedOnly: kind === 's', maxDepth: Number(depth), examined: Number(examined), path }
}

const isCount = (text: string | undefined): boolean => text !== undefined && /^\d{1,7}$/.test(text)

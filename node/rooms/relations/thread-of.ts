import type { Relation } from '#spec/room/relation.ts'
import type { Deps } from '#node/deps.ts'
import type { Room } from '../room.ts'
import { mostSteps, readThreadsOf, type InThread } from './store.ts'

/**
 * The thread that a new event of a room belongs to; nothing for the main timeline. Most events name the root or relate to nothing; the
 * others ask for their parent's thread, in a room that has any.
 */
export async function threadOf(deps: Deps, room: Room, relation: Relation | undefined): Promise<InThread | undefined> {
  if (relation?.type === 'm.thread') return { root: relation.parent, steps: 1 }
  if (relation === undefined || !room.hasThreads) return undefined
  const { parent: id } = relation
  const parent = room.storingInThreads.get(id) ?? (await readThreadsOf(deps.sql, room.id, [id])).get(id)
  return parent && parent.steps < mostSteps ? { root: parent.root, steps: parent.steps + 1 } : undefined
}

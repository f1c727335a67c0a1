import { join } from 'node:path'
import { sync } from '#spec/api/client/sync.ts'
import { callEndpoint } from '#client-sdk/call.ts'
import { globalPlatform } from '#client-sdk/platform.ts'
import type { Lane } from './load-plan.ts'
import { freePort, startNodeProcess } from '../node-process.ts'
import { populate, type PlannedRoom } from './population.ts'
import { cpuMicros, postgresCpuMicros } from './process-figures.ts'
import { peopleFor, type Scenario } from './scenarios.ts'
import { sendersOver, sendPath, type Target } from './target.ts'

/** Starts a node with the people and rooms that these scenarios need; `flags` are options of Node. */
export async function startNodeTarget(
  folder: string,
  list: readonly Scenario[],
  flags: readonly string[],
): Promise<Target> {
  const dataDir = join(folder, 'node')
  // Scenarios of the same shape share their rooms.
  const shapes = new Map(list.map((scenario) => [shapeOf(scenario), scenario]))
  const planned = [...shapes].flatMap(([shape, scenario]) => roomsOf(scenario).map((members) => ({ shape, members })))
  const { tokens, rooms } = await populate(
    dataDir,
    peopleFor(list),
    planned.map((room) => room.members),
  )
  const settings = { HEARTH_RATE_LIMITS: 'off' }
  const node = await startNodeProcess({ dataDir, port: await freePort(), settings, flags })
  return {
    name: 'node',
    async plan(scenario) {
      const own = planned.flatMap(({ shape, members }, index) =>
        shape === shapeOf(scenario) ? [{ members, room: rooms[index]! }] : [],
      )
      const since = await positionNow(node.baseUrl, tokens[0]!)
      return {
        port: node.port,
        rooms: own.length,
        senders: sendersOver(lanesOf(own, tokens)),
        listeners: own.flatMap(({ members }, room) =>
          members.map((member) => ({ start: startMessage(tokens[member]!, since), room })),
        ),
      }
    },
    cpu: () => ({ process: cpuMicros(node.pid), postgres: postgresCpuMicros(dataDir) }),
    ended: node.ended,
    stop: () => node.stop(),
  }
}

const shapeOf = ({ rooms, listenersPerRoom }: Scenario): string => `${rooms} ${listenersPerRoom}`

/** Everybody is in at most one room of a scenario. */
const roomsOf = ({ rooms, listenersPerRoom }: Scenario): PlannedRoom[] =>
  Array.from({ length: rooms }, (_, room) =>
    Array.from({ length: listenersPerRoom }, (_member, index) => room * listenersPerRoom + index),
  )

/** The first ten members of each room write; the rooms alternate. */
const lanesOf = (own: readonly { members: readonly number[]; room: string }[], tokens: readonly string[]): Lane[] =>
  Array.from({ length: 10 }, (_, turn) => turn).flatMap((turn) =>
    own.map(({ members, room }, index) => ({
      token: tokens[members[turn % members.length]!]!,
      room: index,
      path: sendPath(room),
    })),
  )

/** A token of anybody says where the log stands. */
async function positionNow(baseUrl: string, accessToken: string): Promise<string> {
  const filter = JSON.stringify({ room: { timeline: { limit: 1 } } })
  const answer = await callEndpoint(globalPlatform, baseUrl, sync, { query: { filter } }, { accessToken })
  return answer.next_batch
}

/** A burst must fit into one timeline, or it would be cut. */
const startMessage = (token: string, since: string): string =>
  JSON.stringify({ type: 'start', access_token: token, since, filter: { room: { timeline: { limit: 1000 } } } })

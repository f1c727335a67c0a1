import type { RoomId, UserId } from '#spec/ids.ts'
import { CallError } from '#client-sdk/call.ts'
import type { Client } from '#client-sdk/client.ts'
import { type WorldNode } from '../world-node.ts'
import { world, type World } from '../world.ts'
import { checkAgainstFreshSync } from './fresh-sync.ts'
import { patternOf, type Line, type Script } from './script.ts'
import { steps } from './steps.ts'

/** Somebody in a script. */
export interface Player {
  readonly name: string
  readonly client: Client
  readonly userId: UserId
}

/** A script while it is carried out. */
export interface Play {
  readonly world: World
  /** The node that people live on who name none. */
  readonly home: WorldNode
  /** Throws if nobody of that name has an account. */
  player(name: string): Player
  /** An account of that name; `enter` makes it. */
  join(name: string, enter: (client: Client, username: string) => Promise<unknown>): Promise<void>
  roomId(name: string): RoomId
  nameRoom(name: string, roomId: RoomId): void
  /** What somebody said, by its text: the event that carries it. */
  readonly said: Map<string, string>
  /** Registration tokens by their names in the script. */
  readonly invitations: Map<string, string>
}

/** Carries a script out on a world of its own. In the end every client must stand where a fresh one of the same person stands. */
export async function playScript(script: Script): Promise<void> {
  const own = await world({ settings: { HEARTH_REGISTRATION: script.registration } })
  try {
    const play = await begin(own, script)
    for (const line of script.lines) await playLine(play, line)
    for (const player of play.players()) await checkAgainstFreshSync(play.home, player)
  } finally {
    await own.stop()
  }
}

async function begin(own: World, script: Script): Promise<Play & { players(): Player[] }> {
  const players = new Map<string, Player>()
  const rooms = new Map<string, RoomId>()
  const [home] = own.nodes
  const play: Play & { players(): Player[] } = {
    world: own,
    home: home!,
    said: new Map(),
    invitations: new Map(),
    players: () => [...players.values()],
    player: (name) => players.get(name) ?? missing(`${name} has no account yet`),
    roomId: (name) => rooms.get(name) ?? missing(`${name} has not been made yet`),
    nameRoom: (name, roomId) => void rooms.set(name, roomId),
    async join(name, enter) {
      const client = await home!.client()
      await enter(client, name.toLowerCase())
      client.start()
      players.set(name, { name, client, userId: client.session.get()!.userId })
    },
  }
  for (const name of script.people) {
    const client = await home!.addPerson(name.toLowerCase())
    players.set(name, { name, client, userId: client.session.get()!.userId })
  }
  return play
}

const missing = (what: string): never => {
  throw new Error(what)
}

async function playLine(play: Play, line: Line): Promise<void> {
  try {
    await playStep(play, line)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`line ${line.number}: ${line.text}\n${why}`, { cause })
  }
}

async function playStep(play: Play, { text, refusal }: Line): Promise<void> {
  const step = steps.find(({ form }) => patternOf(form).test(text))
  if (!step) throw new Error('No step is written like this; README.md lists them all.')
  const found = patternOf(step.form).exec(text)!.groups ?? {}
  if (refusal === undefined) return void (await step.run(play, found))
  const error = await step.run(play, found).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error === undefined) throw new Error(`It went well, and should have been refused with ${refusal}.`)
  if (!(error instanceof CallError) || error.code !== refusal) throw error
}

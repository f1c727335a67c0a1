import { diceFrom } from '#test/chaos/dice.ts'
import { drawQuestion } from './generate-event.ts'
import { drawRoom, type Room } from './generate-room.ts'
import { rulesOfVersion6 } from './rules-v6.ts'
import { rulesOfVersion7 } from './rules-v7.ts'
import { rulesOfVersions8And9 } from './rules-v8.ts'
import { rulesOfVersion10 } from './rules-v10.ts'
import { rulesOfVersion11 } from './rules-v11.ts'
import { rulesOfVersion12 } from './rules-v12.ts'
import type { Question, Rules } from './terms.ts'

/** The lists by room version. */
export const lists: ReadonlyMap<string, Rules> = new Map([
  ['6', rulesOfVersion6],
  ['7', rulesOfVersion7],
  ['8', rulesOfVersions8And9],
  ['9', rulesOfVersions8And9],
  ['10', rulesOfVersion10],
  ['11', rulesOfVersion11],
  ['12', rulesOfVersion12],
])

/** An event of a room to be judged. */
export interface Draw {
  /** How many were drawn before: with the seed it names the event. */
  readonly number: number
  readonly room: Room
  readonly question: Question
}

const eventsPerRoom = 25

/** So many events of a room version, the same ones for the same seed. */
export function* draw(versionId: string, count: number, seed: number): Generator<Draw> {
  const dice = diceFrom(seed)
  let room = drawRoom(dice, versionId)
  for (let number = 0; number < count; number++) {
    if (number % eventsPerRoom === 0) room = drawRoom(dice, versionId)
    yield { number, room, question: drawQuestion(dice, room) }
  }
}

/** A drawn event in full, to be judged by reading. */
export const told = ({ number, room, question }: Draw): string =>
  JSON.stringify({ number, ...question, rejected: [...question.rejected], state: [...room.state.values()] }, null, 1)

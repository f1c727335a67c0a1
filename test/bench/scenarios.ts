/** One kind of load. */
export interface Scenario {
  readonly name: string
  readonly what: string
  readonly rooms: number
  readonly listenersPerRoom: number
  /** Absent: as many sends as 64 senders can make, each waiting for its acknowledgement. */
  readonly ratePerSecond?: number
}

export const sendersPerScenario = 64

const scenario = (name: string, rooms: number, listenersPerRoom: number, ratePerSecond?: number): Scenario => ({
  name,
  what: `${rooms} ${rooms === 1 ? 'room' : 'rooms'} x ${listenersPerRoom.toLocaleString('en')}, ${
    ratePerSecond === undefined ? 'saturated' : `${ratePerSecond.toLocaleString('en')} sends/s`
  }`,
  rooms,
  listenersPerRoom,
  ...(ratePerSecond !== undefined && { ratePerSecond }),
})

/** A second row at twice the size shows the slope. */
export const scenarios = (quick: boolean): readonly Scenario[] =>
  [
    scenario('A', 1, 10),
    scenario('A twice', 1, 20),
    scenario('B', 100, 10),
    scenario('B twice', 200, 10),
    scenario('C', 1, 1000),
    scenario('C twice', 1, 2000),
    scenario('A paced', 1, 10, 1000),
    scenario('B paced', 100, 10, 1000),
  ].filter(({ name }) => !quick || !name.endsWith('twice'))

/** How many people the scenarios need. */
export const peopleFor = (list: readonly Scenario[]): number =>
  Math.max(...list.map((one) => one.rooms * one.listenersPerRoom))

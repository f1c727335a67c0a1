import { forbidden, invalidParam, MatrixError, notFound } from '#spec/errors.ts'
import type { RoomId } from '#spec/ids.ts'
import { appservicesOf, isInterestedInRoom } from '#node/accounts/appservices/appservices.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'
import { readRoom } from '#node/rooms/store.ts'
import * as store from './store.ts'

const longestNetworkId = 255
const mostRooms = 100_000

/** Puts a room into the directory that an application service keeps for a network, or takes it out. */
export async function listInNetwork(
  deps: Deps,
  { appservice }: Identity,
  { networkId, roomId }: { networkId: string; roomId: RoomId },
  isListed: boolean,
): Promise<void> {
  const one = appservicesOf(deps).find(({ id }) => id === appservice?.id)
  if (one === undefined) throw forbidden('Only an application service may do this.')
  if (networkId.length > longestNetworkId)
    throw invalidParam(`The id of a network has ${longestNetworkId} characters at most.`)
  if (!isListed) return void (await transaction(deps.sql, (tx) => store.deleteRoom(tx, one.id, networkId, roomId)))
  // What a room tells of itself is then told to everybody: that is not for somebody to decide who has nothing to do with it.
  const isOwn = isInterestedInRoom(one, roomId) || (await store.hasMember(deps.sql, one.id, roomId))
  if (!isOwn) throw forbidden('No user of the application service is in this room.')
  if ((await readRoom(deps.sql, roomId)) === undefined) throw notFound('There is no such room.')
  await transaction(deps.sql, async (tx) => {
    await store.insertRoom(tx, one.id, networkId, roomId)
    if ((await store.countRooms(tx, one.id)) > mostRooms)
      throw new MatrixError('M_TOO_LARGE', `An application service lists ${mostRooms} rooms at most.`)
  })
}

import * as api from '#spec/api/admin/rooms.ts'
import { route, type Route } from '#node/http/route.ts'
import { askToDelete, findDeletion, listDeletions } from './delete-room.ts'
import { blockOf, blockRoom, findRoom, listRooms, membersOf } from './list-rooms.ts'

export const roomRoutes: readonly Route[] = [
  route(api.listRooms, (deps, { query }) => listRooms(deps, query)),
  route(api.getRoom, (deps, { params }) => findRoom(deps, params.roomId)),
  route(api.getMembersOfRoom, (deps, { params }) => membersOf(deps, params.roomId)),
  route(api.getRoomBlock, (deps, { params }) => blockOf(deps, params.roomId)),
  route(api.setRoomBlock, (deps, { params, body, identity }) =>
    blockRoom(deps, identity.userId, params.roomId, body.block),
  ),
  route(api.deleteRoom, async (deps, { params, body, identity }) => ({
    delete_id: await askToDelete(deps, identity.userId, params.roomId, body),
  })),
  route(api.getDeletionsOfRoom, async (deps, { params }) => ({ results: await listDeletions(deps, params.roomId) })),
  route(api.getDeletion, (deps, { params }) => findDeletion(deps, params.deleteId)),
]

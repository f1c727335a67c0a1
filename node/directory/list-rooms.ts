import { maxDirectoryPage, type getPublicRooms, type publishedRoom } from '#spec/api/client/room-directory.ts'
import type * as z from 'zod/mini'
import type { ResponseOf } from '#spec/endpoint.ts'
import { forbidden, invalidParam } from '#spec/errors.ts'
import { isRoomId, type ServerName } from '#spec/ids.ts'
import { fold } from '#node/accounts/fold.ts'
import type { Deps } from '#node/deps.ts'
import * as store from './store.ts'

export interface ListRequest {
  readonly limit?: number | undefined
  readonly since?: string | undefined
  readonly server?: ServerName | undefined
  readonly filter?:
    { generic_search_term?: string | undefined; room_types?: readonly (string | null)[] | undefined } | undefined
  readonly include_all_networks?: boolean | undefined
  readonly third_party_instance_id?: string | undefined
}

type Page = ResponseOf<typeof getPublicRooms>

/** A page of the public directory: the rooms with most members first. Its tokens name the room at its edge, so that pages cost the same wherever they are. */
export async function listRooms(deps: Deps, request: ListRequest): Promise<Page> {
  const { server = deps.config.serverName, filter = {}, since } = request
  if (server !== deps.config.serverName)
    throw forbidden(`${server} cannot be reached: this server does not talk to other servers.`)
  const limit = Math.min(request.limit ?? maxDirectoryPage, maxDirectoryPage)
  const from = since === undefined ? undefined : parseToken(since)
  const network = networkOf(request)
  const wanted = { words: wordsOf(filter.generic_search_term), types: filter.room_types, network }
  const rows = await store.readPublishedRooms(deps.sql, wanted, from, limit + 1)
  const isBackwards = from?.direction === 'before'
  const page = rows.slice(0, limit)
  if (isBackwards) page.reverse()
  const [first, last] = [page[0], page.at(-1)]
  const hasMore = rows.length > limit
  const isAll = from === undefined && !hasMore
  const isFiltered = wanted.words.length > 0 || wanted.types !== undefined || network !== undefined
  const total = isAll ? page.length : isFiltered ? undefined : await store.countPublishedRooms(deps.sql)
  return {
    chunk: page.map(publicForm),
    ...(last && (isBackwards || hasMore) && { next_batch: tokenOf('after', last) }),
    ...(first && (isBackwards ? hasMore : from !== undefined) && { prev_batch: tokenOf('before', first) }),
    ...(total !== undefined && { total_room_count_estimate: total }),
  }
}

function networkOf(request: ListRequest): store.Network | undefined {
  const { third_party_instance_id: instance, include_all_networks: all = false } = request
  if (instance === undefined || instance === '') return all ? 'all' : undefined
  if (all) throw invalidParam('Either one network, or all of them.')
  const [, appserviceId = '', networkId = ''] = /^(.*)\|(.*)$/s.exec(instance) ?? []
  return { appserviceId, networkId }
}

const wordsOf = (term = ''): string[] => fold(term).split(' ').filter(Boolean)

const tokenOf = (direction: 'before' | 'after', row: store.SummaryRow) =>
  `${direction}_${row.joinedMembers}_${row.roomId}`

function parseToken(token: string): store.Edge {
  const [, direction, joinedMembers, roomId] = /^(before|after)_(\d{1,9})_(.*)$/s.exec(token) ?? []
  if (!isRoomId(roomId)) throw invalidParam('This is not a token that this server gave.')
  return { direction: direction as store.Edge['direction'], joinedMembers: Number(joinedMembers), roomId }
}

/** What a room tells about itself to those outside. */
export const publicForm = (row: store.SummaryRow): z.output<typeof publishedRoom> => ({
  room_id: row.roomId,
  num_joined_members: row.joinedMembers,
  world_readable: row.worldReadable,
  guest_can_join: row.guestCanJoin,
  join_rule: row.joinRule ?? 'invite',
  ...(row.name !== null && { name: row.name }),
  ...(row.topic !== null && { topic: row.topic }),
  ...(row.canonicalAlias !== null && { canonical_alias: row.canonicalAlias }),
  ...(row.avatarUrl !== null && { avatar_url: row.avatarUrl }),
  ...(row.roomType !== null && { room_type: row.roomType }),
})

import type { RoomId, UserId } from '#spec/ids.ts'
import { mayActAs } from '#node/accounts/appservices/appservices.ts'
import type { Appservice } from '#node/accounts/appservices/registration.ts'
import type { Deps } from '#node/deps.ts'
import { presentEvents } from '#node/rooms/present-events.ts'
import { receiptTexts, typingText } from '#node/sync/ephemeral-text.ts'
import { presenceText } from '#node/sync/presence-part.ts'
import type { News } from './gather.ts'
import * as store from './store.ts'

const mostDevices = 200

/**
 * What a transaction says, as JSON text. Beside `events` and `ephemeral` it has the names that bridges know from before: those of MSC2409, and of
 * MSC3202 for what devices need for their encryption.
 */
export async function transactionBody(deps: Deps, one: Appservice, news: News): Promise<string> {
  const reader = { userId: one.sender, deviceId: '' as never }
  const events = await presentEvents(deps, reader, news.events, { withRoomId: true })
  const parts = [`"events":[${events.join(',')}]`]
  const add = (names: readonly string[], text: string) => parts.push(...names.map((name) => `"${name}":${text}`))
  if (one.receivesEphemeral) {
    add(['ephemeral', 'de.sorunome.msc2409.ephemeral'], `[${ephemeralTexts(deps, news).join(',')}]`)
    add(['to_device', 'de.sorunome.msc2409.to_device'], `[${news.letters.map(letterText).join(',')}]`)
  }
  if (one.receivesEncryption) {
    const lists = { changed: news.listsChanged, left: news.listsLeft }
    add(['org.matrix.msc3202.device_lists'], JSON.stringify(lists))
    const supplies = await readSupplies(deps, one, news)
    // The first was in use before the second was agreed on.
    const counts = ['org.matrix.msc3202.device_one_time_key_counts', 'org.matrix.msc3202.device_one_time_keys_count']
    add(
      counts,
      byDevice(supplies, ({ counts }) => counts),
    )
    add(
      ['org.matrix.msc3202.device_unused_fallback_key_types'],
      byDevice(supplies, ({ unused }) => unused),
    )
  }
  return `{${parts.join(',')}}`
}

function ephemeralTexts(deps: Deps, { typing, receipts, presence }: News): string[] {
  const read = Map.groupBy(receipts, (receipt) => receipt.roomId)
  return [
    ...typing.map(({ roomId, userIds }) => inRoom(roomId, typingText(userIds))),
    ...[...read].flatMap(([roomId, of]) => receiptTexts(of).map((text) => inRoom(roomId, text))),
    ...presence.map((person) => presenceText(deps, person)),
  ]
}

/** The text of an object, with the room in it. */
const inRoom = (roomId: RoomId, text: string) => `${text.slice(0, -1)},"room_id":${JSON.stringify(roomId)}}`

const letterText = ({ userId, deviceId, sender, type, content }: store.Letter): string =>
  `{"content":${content},"sender":${JSON.stringify(sender)},"to_device_id":${JSON.stringify(deviceId)}` +
  `,"to_user_id":${JSON.stringify(userId)},"type":${JSON.stringify(type)}}`

/** Of the users of the service whom this transaction has to do with. */
async function readSupplies(deps: Deps, one: Appservice, { events, letters, listsChanged }: News) {
  const rooms = [...new Set(events.map((event) => event.roomId))]
  const inRooms = rooms.length === 0 ? [] : await store.readOwnMembers(deps.sql, one.id, rooms)
  const addressed = letters.map(({ userId }) => userId)
  const changed = listsChanged.filter((userId) => mayActAs(one, userId))
  const users = new Set<UserId>([one.sender, ...addressed, ...changed, ...inRooms.map(({ userId }) => userId)])
  return store.readSupplies(deps.sql, one.id, [...users], mostDevices)
}

function byDevice(supplies: readonly store.Supply[], textOf: (supply: store.Supply) => string): string {
  const users = [...Map.groupBy(supplies, ({ userId }) => userId)].map(([userId, of]) => {
    const devices = of.map((supply) => `${JSON.stringify(supply.deviceId)}:${textOf(supply)}`)
    return `${JSON.stringify(userId)}:{${devices.join(',')}}`
  })
  return `{${users.join(',')}}`
}

import { createRoom } from '#spec/api/client/rooms.ts'
import { createInvite } from '#spec/extensions/invites/api.ts'
import type { EventId, RoomId } from '#spec/ids.ts'
import { CallError } from '#client-sdk/call.ts'
import { when } from '../when.ts'
import { goodPassword } from '../world-node.ts'
import { isSaying, messagesShown, seeItem, seeMembership, seeOwnMembership, settled } from './looks.ts'
import type { Play, Player } from './play-script.ts'
import type { Found } from './script.ts'

/** What a line may say, and what happens then. */
export interface Step {
  readonly form: string
  readonly run: (play: Play, found: Found) => Promise<unknown>
}

const step = (form: string, run: Step['run']): Step => ({ form, run })

interface Scene {
  readonly player: Player
  readonly client: Player['client']
  readonly roomId: RoomId
  readonly room: ReturnType<Player['client']['room']>
  /** The other person of the line, where it names one. */
  readonly other: Player
  readonly text: string
  readonly play: Play
}

/** A step of somebody in a room. */
const inRoom = (form: string, run: (scene: Scene) => Promise<unknown>): Step =>
  step(form, (play, found) => {
    const player = play.player(found['who']!)
    const roomId = play.roomId(found['room']!)
    return run({
      player,
      client: player.client,
      roomId,
      room: player.client.room(roomId),
      other: found['other'] === undefined ? player : play.player(found['other']),
      text: found['text'] ?? found['number'] ?? '',
      play,
    })
  })

const register = (play: Play, name: string, registrationToken?: string) =>
  play.join(name, (client, username) => client.register({ username, password: goodPassword, registrationToken }))

const accounts: readonly Step[] = [
  step('{who} claims the node', async (play, { who }) => register(play, who!, await play.home.setupToken())),
  step('{who} registers', (play, { who }) => register(play, who!)),
  step('{who} cannot register without an invitation', async (play, { who }) => {
    const error = await register(play, who!).catch((thrown: unknown) => thrown)
    if (!(error instanceof CallError) || error.status !== 401) throw error ?? new Error('It went well.')
    const wanted = JSON.stringify([{ stages: ['m.login.registration_token'] }])
    if (JSON.stringify(error.body['flows']) !== wanted) throw error
  }),
  step('{who} registers with {name}', (play, { who, name }) =>
    register(play, who!, play.invitations.get(name!) ?? name!),
  ),
  step('{who} makes an invitation {name}', async (play, { who, name }) => {
    const { token } = await play.player(who!).client.call(createInvite, { body: {} })
    play.invitations.set(name!, token)
  }),
  step('{who} logs out', (play, { who }) => play.player(who!).client.logout()),
  step('the node restarts', (play) => play.home.restart()),
]

const makeRoom = async (play: Play, { who, room }: Found, more: { preset: 'private_chat' | 'public_chat' }) => {
  const body = { ...more, name: room!.slice(1, -1) }
  const made = await play.player(who!).client.call(createRoom, { body })
  play.nameRoom(room!, made.room_id)
}

const rooms: readonly Step[] = [
  step('{who} makes {room}', (play, found) => makeRoom(play, found, { preset: 'private_chat' })),
  step('{who} makes {room} open to everybody', (play, found) => makeRoom(play, found, { preset: 'public_chat' })),
  step('{who} makes {room} with {people}', async (play, { who, room, people }) => {
    const invitees = people!.split(', ').map((name) => play.player(name).userId)
    const { client } = play.player(who!)
    play.nameRoom(room!, await client.createGroup({ name: room!.slice(1, -1), invitees }))
  }),
  step('{who} starts the chat {room} with {other}', async (play, { who, room, other }) => {
    play.nameRoom(room!, await play.player(who!).client.createDirectChat(play.player(other!).userId))
  }),
  inRoom('{who} invites {other} to {room}', ({ room, other }) => room.invite(other.userId)),
  inRoom('{who} joins {room}', ({ room }) => room.join()),
  inRoom('{who} declines {room}', ({ room }) => room.leave()),
  inRoom('{who} leaves {room}', ({ room }) => room.leave()),
  inRoom('{who} forgets {room}', ({ room }) => room.forget()),
  inRoom('{who} removes {other} from {room}', ({ room, other }) => room.kick(other.userId)),
  inRoom('{who} bans {other} from {room}', ({ room, other }) => room.ban(other.userId)),
  inRoom('{who} unbans {other} from {room}', ({ room, other }) => room.unban(other.userId)),
  inRoom('{who} names {room}: {text}', ({ room, text }) => room.setName(text)),
  inRoom('{who} shows the history of {room} to: {text}', ({ room, text }) =>
    room.setState('m.room.history_visibility', '', { history_visibility: text }),
  ),
]

const messages: readonly Step[] = [
  inRoom('{who} says in {room}: {text}', async ({ play, client, roomId, room, text }) => {
    const txnId = await room.sendText(text)
    await settled(client, room, txnId)
    const { eventId } = await seeItem(client, roomId, (item) => item.txnId === txnId && item.status === 'sent', text)
    play.said.set(text, eventId!)
  }),
  inRoom('{who} deletes in {room}: {text}', async ({ play, client, room, text }) =>
    settled(client, room, await room.redact(play.said.get(text)! as EventId)),
  ),
  inRoom('{who} reads {room}', ({ room }) => room.markRead()),
  inRoom('{who} starts typing in {room}', async ({ room }) => room.setTyping(true)),
  inRoom('{who} stops typing in {room}', async ({ room }) => room.setTyping(false)),
]

const sights: readonly Step[] = [
  inRoom('{who} sees an invitation of {other} to {room}', ({ room, other }) =>
    when(room.summary, ({ membership, inviter }) => membership === 'invite' && inviter === other.userId),
  ),
  inRoom('{who} is in {room}', ({ client, roomId }) => seeOwnMembership(client, roomId, ['join'])),
  inRoom('{who} is out of {room}', ({ client, roomId }) => seeOwnMembership(client, roomId, ['leave', 'ban'])),
  inRoom('{who} sees {other} in {room}', ({ client, roomId, other }) =>
    seeMembership(client, roomId, other.userId, ['join']),
  ),
  inRoom('{who} sees {other} out of {room}', ({ client, roomId, other }) =>
    seeMembership(client, roomId, other.userId, ['leave', 'ban']),
  ),
  inRoom('{who} sees {room} named: {text}', ({ room, text }) =>
    when(room.summary, ({ name }) => name === text, `the room to be named ${text}`),
  ),
  inRoom('{who} sees {other} say in {room}: {text}', ({ client, roomId, other, text }) =>
    seeItem(client, roomId, (item) => isSaying(text)(item) && item.sender === other.userId, `"${text}"`),
  ),
  inRoom('{who} sees deleted in {room}: {text}', ({ play, client, roomId, text }) =>
    seeItem(
      client,
      roomId,
      (item) => item.eventId === play.said.get(text) && item.redacted && item.content['body'] === undefined,
      `"${text}" to be gone`,
    ),
  ),
  inRoom('{who} sees {other} typing in {room}', ({ room, other }) =>
    when(room.typing, (people) => people.includes(other.userId), `${other.name} to type`),
  ),
  inRoom('{who} sees nobody typing in {room}', ({ room }) =>
    when(room.typing, (people) => people.length === 0, 'nobody to type'),
  ),
  inRoom('{who} sees that {other} has read in {room}: {text}', ({ client, roomId, other, text }) =>
    seeItem(
      client,
      roomId,
      (item) => isSaying(text)(item) && item.seenBy.includes(other.userId),
      `${other.name} to have read "${text}"`,
    ),
  ),
  inRoom('{who} has {number} unread in {room}', ({ room, text }) =>
    when(room.summary, ({ unreadCount }) => unreadCount === Number(text), `${text} to be unread`),
  ),
  inRoom('{who} finds in {room}: {text}', async ({ client, roomId, text }) => {
    const shown = (await messagesShown(client, roomId)).join(' | ') || 'nothing'
    if (shown !== text) throw new Error(`The node shows: ${shown}`)
  }),
]

/** Every way to write a line. */
export const steps: readonly Step[] = [...accounts, ...rooms, ...messages, ...sights]

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Client } from '#client-sdk/client.ts'
import { startWorldNode, type WorldNode } from './world-node.ts'
import { when } from './when.ts'

/*
 * npm run play
 *
 * Two nodes with a family each, for trying things. Everything is made anew at every start, and kept under .hearth/play.
 */

/** Who lives where, and what they have said to each other. */
const families = [
  {
    serverName: 'aksoy.test',
    port: '8108',
    people: ['elif', 'murat', 'nine', 'deniz'],
    names: ['Elif', 'Murat', 'Nine', 'Deniz'],
    group: 'Aile',
    talk: ['Akşam yemeği saat yedide', 'Ben biraz gecikirim', 'Çorba hazır, ekmek de var', 'Geliyorum 🍲'],
  },
  {
    serverName: 'baker.test',
    port: '8208',
    people: ['ada', 'ben', 'cleo'],
    names: ['Ada', 'Ben', 'Cleo'],
    group: 'Home',
    talk: ['Dinner is at seven', 'I will be a little late', 'The soup is ready, and there is bread', 'Coming 🍲'],
  },
] as const

type Family = (typeof families)[number]

const password = 'a cat in the garden'
const folder = fileURLToPath(new URL('../.hearth/play', import.meta.url))
const say = (text: string): void => void process.stdout.write(`${text}\n`)

async function main(): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  const running = await Promise.all(families.map(open))
  say('\nTwo nodes are ready. They do not talk to each other yet: people meet those of their own node.\n')
  for (const [index, { serverName, people, group }] of families.entries()) {
    say(`  ${serverName}  ${running[index]!.baseUrl}`)
    say(`    log in as ${people.join(', ')}; the password is: ${password}`)
    say(`    they share the group "${group}"; anybody may register here\n`)
  }
  say('Ctrl-C stops both.')
  stopOnSignal(running)
}

async function open(family: Family): Promise<WorldNode> {
  const node = await startWorldNode(family.serverName, {
    HEARTH_DATA_DIR: join(folder, family.serverName),
    HEARTH_PORT: family.port,
    HEARTH_RATE_LIMITS: 'on',
    HEARTH_LOG_LEVEL: 'warn',
  })
  await moveIn(node, family)
  return node
}

/** The family registers, meets in a group and talks; the first two have a chat of their own. */
async function moveIn(node: WorldNode, { people, names, group, talk }: Family): Promise<void> {
  const clients: Client[] = []
  for (const [index, username] of people.entries()) {
    const client = await node.addPerson(username)
    await client.setDisplayName(names[index]!)
    clients.push(client)
  }
  const [first, second] = clients
  const idOf = (client: Client) => client.session.get()!.userId
  const roomId = await first!.createGroup({ name: group, invitees: clients.slice(1).map(idOf) })
  for (const client of clients.slice(1)) await client.room(roomId).join()
  for (const [index, text] of talk.entries()) await tell(clients[index % clients.length]!, roomId, text)
  const chat = await first!.createDirectChat(idOf(second!))
  await when(second!.room(chat).summary, ({ membership }) => membership === 'invite')
  await second!.room(chat).join()
  await tell(first!, chat, '👋')
  for (const client of clients) await client.logout()
}

async function tell(client: Client, roomId: Parameters<Client['room']>[0], text: string): Promise<void> {
  await client.room(roomId).sendText(text)
  await when(client.outbox, (items) => items.length === 0, 'a message to be sent')
}

function stopOnSignal(nodes: readonly WorldNode[]): void {
  let stopping = false
  const stop = () => {
    if (stopping) process.exit(1)
    stopping = true
    void Promise.all(nodes.map((node) => node.stop())).then(() => process.exit(0))
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

await main()

import { createClient, type Client, type ClientOptions } from '../client.ts'
import { memoryStore } from '../store/memory-store.ts'
import type { Store } from '../store/store.ts'
import { FakeNode } from './fake-node.ts'
import { settle } from './fake-platform.ts'

/** A client of a fake node, and what went wrong in it. */
export interface Started {
  readonly node: FakeNode
  readonly client: Client
  readonly store: Store
  readonly problems: unknown[]
}

/** A client that is logged in at a node with one room, and follows it. */
export async function startClient(
  node = new FakeNode(),
  store = memoryStore(),
  options: Pick<ClientOptions, 'onDeviceNews'> = {},
): Promise<Started> {
  const started = await openClient(node, store, options)
  await node.addRoom()
  if (!started.client.session.get()) await started.client.login({ username: 'me', password: 'secret' })
  started.client.start()
  await settle()
  return started
}

/** A client with this store, as after a reload of the page. */
export async function openClient(
  node: FakeNode,
  store: Store,
  options: Pick<ClientOptions, 'onDeviceNews'> = {},
): Promise<Started> {
  const problems: unknown[] = []
  const client = await createClient({
    baseUrl: 'http://node.test',
    store,
    platform: node.platform,
    ...options,
    onProblem: (error) => problems.push(error),
  })
  return { node, client, store, problems }
}

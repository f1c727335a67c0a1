import { createClient } from '#client-sdk/client.ts'
import type { Client } from '#client-sdk/client.ts'
import { indexedDbStore } from '#client-sdk/store/indexed-db-store.ts'
import { memoryStore } from '#client-sdk/store/memory-store.ts'
import { dropDraftsOfOthers } from './screens/chat/rescued-draft.ts'

/** The client of this page, with what it knew last time. It follows the node whenever somebody is logged in. */
export async function openClient(): Promise<Client> {
  const client = await restore(location.origin)
  const follow = () => client.session.get() && client.start()
  client.session.subscribe(follow)
  client.session.subscribe(() => dropDraftsOfOthers(client.session.get()?.userId))
  follow()
  return client
}

/** A browser that refuses to store anything gets a client that forgets. */
async function restore(baseUrl: string): Promise<Client> {
  try {
    return await createClient({ baseUrl, store: indexedDbStore('hearth') })
  } catch (error) {
    console.warn('Nothing can be stored in this browser; messages last as long as this page', error)
    return createClient({ baseUrl, store: memoryStore() })
  }
}

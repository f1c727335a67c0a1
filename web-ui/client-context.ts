import { createContext, useContext } from 'react'
import type { Client } from '#client-sdk/client.ts'

export const ClientContext = createContext<Client | undefined>(undefined)

/** The one client of this page. */
export function useClient(): Client {
  const client = useContext(ClientContext)
  if (!client) throw new Error('ClientContext has no client')
  return client
}

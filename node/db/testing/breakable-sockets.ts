import { connect as openSocket, type Socket } from 'node:net'
import { join } from 'node:path'
import type postgres from 'postgres'

/** Options of a pool whose sockets a test can break. */
export function breakableSockets(url: string): { options: postgres.Options<{}>; sockets: Socket[] } {
  const sockets: Socket[] = []
  const { hostname, port, searchParams } = new URL(url)
  const folder = searchParams.get('host')
  const socket = () => {
    sockets.push(folder ? openSocket(join(folder, `.s.PGSQL.${port}`)) : openSocket(Number(port), hostname))
    return sockets.at(-1)
  }
  // The types of postgres.js do not know this option.
  return { options: { socket } as postgres.Options<{}>, sockets }
}

import { connect as openSocket, type Socket } from 'node:net'
import { join } from 'node:path'
import type postgres from 'postgres'

/** Options of a pool whose sockets a test can break, and whose next attempts to connect it can have fail. */
export function breakableSockets(url: string) {
  const sockets: Socket[] = []
  const { hostname, port, searchParams } = new URL(url)
  const folder = searchParams.get('host')
  let refusals = 0
  const socket = () => {
    const isRefused = refusals-- > 0
    sockets.push(
      isRefused
        ? openSocket('/nowhere')
        : folder
          ? openSocket(join(folder, `.s.PGSQL.${port}`))
          : openSocket(Number(port), hostname),
    )
    return sockets.at(-1)
  }
  // The types of postgres.js do not know this option.
  const refuse = (times: number): void => void (refusals = times)
  return { options: { socket } as postgres.Options<{}>, sockets, refuse }
}

import { once } from 'node:events'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { webApp } from '#node/http/web-app.ts'

/**
 * What a proxy in front of a node does while the node is away: it hands out the web app, and answers everything else with 502.
 * Returns how to close it.
 */
export async function openFrontDoor(baseUrl: string): Promise<() => Promise<void>> {
  const serveApp = await webApp(fileURLToPath(new URL('../../web-ui/dist', import.meta.url)))
  const server = createServer((request, response) => {
    const isForTheNode = /^\/_(matrix|hearth)\//.test(request.url!)
    const answer = (isForTheNode ? undefined : serveApp(request)) ?? { status: 502, headers: {}, body: 'away' }
    response.writeHead(answer.status, answer.headers).end(answer.body)
  })
  await once(server.listen(Number(new URL(baseUrl).port), '127.0.0.1'), 'listening')
  return async () => {
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
}

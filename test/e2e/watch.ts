import type { BrowserContext, Request } from 'playwright-core'

/** Says what goes wrong in the windows of a context, in one line each. Only the node at `home` may be asked for anything. */
export async function watch(context: BrowserContext, home: string, say: (problem: string) => void): Promise<void> {
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`)
    })
  })
  const isElsewhere = (url: string) => /^(https?|wss?):/.test(url) && new URL(url).host !== new URL(home).host
  context.on('request', (request) => {
    if (isElsewhere(request.url())) say(`elsewhere: ${request.url()}`)
  })
  context.on('response', (response) => {
    const call = `${response.request().method()} ${new URL(response.url()).pathname}`
    if (response.status() >= 400 && !isRoutine(response.request(), response.status()))
      say(`answer: ${response.status()} ${call}`)
  })
  context.on('console', (message) => {
    const text = message.text()
    // Whatever fails to load is told apart by its answer.
    if (text.startsWith('Failed to load resource: the server responded')) return
    if (message.type() === 'error' || message.type() === 'warning') say(`console: ${text}`)
  })
  context.on('weberror', (failure) => {
    const { name, message, stack } = failure.error()
    say(`error: ${name} ${message} ${stack}`)
  })
  context.on('page', (page) => {
    page.on('crash', () => say('the page crashed'))
    page.on('websocket', (socket) => {
      if (isElsewhere(socket.url())) say(`elsewhere: ${socket.url()}`)
    })
  })
}

/** A form asks what registering takes before it is filled in, and a person who has no chats yet has no list of them. */
function isRoutine(request: Request, status: number): boolean {
  const { pathname } = new URL(request.url())
  if (status === 401) return request.method() === 'POST' && pathname.endsWith('/register')
  return status === 404 && pathname.endsWith('/account_data/m.direct')
}

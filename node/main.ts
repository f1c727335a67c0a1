import { setupToken } from '#node/accounts/setup.ts'
import { readConfig, StartError } from '#node/config.ts'
import { createLogger } from '#node/deps.ts'
import { startNode, type RunningNode } from '#node/start-node.ts'

/** `npm start`: one node, until it is told to stop. */
async function main(): Promise<void> {
  const config = readConfig(process.env)
  const log = createLogger(config.logLevel)
  const node = await startNode({ config, log, onFenced: () => process.exit(1) })
  stopOnSignal(node)
  await greet(node)
}

/** What the person who started it needs to know. */
async function greet({ deps, address }: RunningNode): Promise<void> {
  const base = deps.config.port === 0 ? address : deps.config.publicUrl
  const token = await setupToken(deps)
  const lines = [`Hearth is ready: ${base}`]
  if (token !== undefined)
    lines.push(
      '',
      'Nobody lives here yet. Open this link to make the first account, which looks after this node:',
      `${base}/setup/${token}`,
    )
  process.stdout.write(`${lines.join('\n')}\n`)
}

/** The first signal ends the node in good order, the second at once. */
function stopOnSignal(node: RunningNode): void {
  let stopping = false
  const stop = () => {
    if (stopping) process.exit(1)
    stopping = true
    node.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        node.deps.log.error({ err: error }, 'stop failed')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

main().catch((error: unknown) => {
  if (error instanceof StartError) process.stderr.write(`${error.message}\n`)
  else
    process.stderr.write(
      `Hearth could not start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    )
  process.exit(1)
})

import type { Call } from '../official-caller.ts'
import { textAt, type OwnCall } from '../stage.ts'

/** Goes through interactive authentication: the steps, a wrong password, the right one. */
export async function authenticate(call: OwnCall, input: Call & { body: object }, password: object): Promise<void> {
  const flow = await call(401, input)
  const session = textAt(flow, 'session')
  const wrong = { ...password, password: 'not this one', session }
  await call('401 M_FORBIDDEN', { ...input, body: { ...input.body, auth: wrong } })
  await call(200, { ...input, body: { ...input.body, auth: { ...password, session } } })
}

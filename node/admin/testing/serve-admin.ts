import { identifyToken } from '#node/accounts/identify-token.ts'
import { lowerPasswordCost } from '#node/accounts/password.ts'
import { slices } from '#node/slices.ts'
import { addPerson, logInAgain, type Person } from '#test/people.ts'
import { serveSlices, type ServedSlices } from '#test/serve-slices.ts'

/** Every slice of a node: administrators see them all. */
export const serveAdmin = (settings: Record<string, string>): Promise<ServedSlices> =>
  serveSlices(slices, { identifyToken, prepare: lowerPasswordCost, settings })

/** Makes an account of an administrator where anybody may register. */
export async function makeAdmin(node: ServedSlices, username: string): Promise<Person> {
  const { userId } = await addPerson(node, username)
  await node.deps.sql`update accounts set is_admin = true where user_id = ${userId}`
  return logInAgain(node, username)
}

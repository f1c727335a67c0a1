import { createHmac } from 'node:crypto'
import { getRegistrationNonce } from '#spec/api/admin/shared-secret.ts'
import { goodPassword } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'

export const registrationSecret = 'a secret'

/** What whoever knows the registration secret sends. */
export async function signedWithSecret(node: ServedSlices, username: string) {
  const nonce = (await node.call(getRegistrationNonce)).body.nonce!
  const signed = [nonce, username, goodPassword, 'notadmin'].join('\0')
  return {
    nonce,
    username,
    password: goodPassword,
    mac: createHmac('sha1', registrationSecret).update(signed).digest('hex'),
  }
}

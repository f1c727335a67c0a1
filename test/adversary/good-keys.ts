import { makeKey, signAs } from '#node/keys/testing/crypto-person.ts'

/** A backup of keys, as it is made. */
export const backupOf = (auth_data: object) => ({ algorithm: 'm.megolm_backup.v1.curve25519-aes-sha2', auth_data })
/** A key in a backup. */
export const backedUpKey = { first_message_index: 0, forwarded_count: 0, is_verified: true, session_data: {} }

/** A dehydrated device, signed by itself. */
export function dehydratedDeviceOf(userId: string): object {
  const key = makeKey()
  const keys = { 'ed25519:SLEEPING': key.publicKey }
  const device = { user_id: userId, device_id: 'SLEEPING', algorithms: [], keys }
  return { device_id: 'SLEEPING', device_data: {}, device_keys: signAs(device, userId, 'SLEEPING', key) }
}

/** A master key of cross-signing. */
export function masterKeyOf(userId: string): object {
  const { publicKey } = makeKey()
  return { user_id: userId, usage: ['master'], keys: { [`ed25519:${publicKey}`]: publicKey } }
}

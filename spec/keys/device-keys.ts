import { MatrixError, invalidParam } from '#spec/errors.ts'
import type { DeviceId, UserId } from '#spec/ids.ts'
import { isJsonObject, type JsonObject } from '#spec/json.ts'
import { decodeBase64, encodeBase64, verifyJson, type Crypto } from '#spec/sign.ts'

/** A public key of 32 bytes in unpadded base64, or nothing if the text is anything else. */
export function publicKeyBytes(text: unknown): Uint8Array | undefined {
  const bytes = typeof text === 'string' ? decodeBase64(text) : undefined
  return bytes?.length === 32 && encodeBase64(bytes) === text ? bytes : undefined
}

/** The algorithms of identity keys that the specification has. Client-Server API, "Device keys". */
const algorithms: ReadonlySet<string> = new Set(['ed25519', 'curve25519'])

/** The ed25519 key of a device, which signs its other keys. */
export function signingKeyOf(deviceKeys: JsonObject, deviceId: string): Uint8Array | undefined {
  const { keys } = deviceKeys
  return isJsonObject(keys) ? publicKeyBytes(keys[`ed25519:${deviceId}`]) : undefined
}

/**
 * Throws unless these are the identity keys of this very device, and signed by it. M_INVALID_PARAM: they are another device's, or not well
 * formed. M_INVALID_SIGNATURE: the device has not signed them. Client-Server API, "Uploading keys".
 */
export function checkDeviceKeys(
  deviceKeys: JsonObject,
  { userId, deviceId }: { userId: UserId; deviceId: DeviceId },
  crypto: Pick<Crypto, 'verify'>,
): void {
  if (deviceKeys['user_id'] !== userId || deviceKeys['device_id'] !== deviceId)
    throw invalidParam('These are the keys of another device.')
  for (const [name, key] of Object.entries(deviceKeys['keys'] as JsonObject)) {
    const [algorithm = ''] = name.split(':', 1)
    if (name !== `${algorithm}:${deviceId}` || !algorithms.has(algorithm))
      throw invalidParam(`${name} is not a kind of key that a device publishes.`)
    if (publicKeyBytes(key) === undefined) throw invalidParam(`${name} is not a public key in unpadded base64.`)
  }
  const signingKey = signingKeyOf(deviceKeys, deviceId)
  if (signingKey === undefined) throw invalidParam('The device has no ed25519 key.')
  if (!verifyJson(deviceKeys, userId, `ed25519:${deviceId}`, signingKey, crypto))
    throw new MatrixError('M_INVALID_SIGNATURE', 'The keys are not signed by the device.')
}

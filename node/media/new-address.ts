import { serverName, type MediaAddress, type MediaId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'

/** An address that nobody has had, and nobody can guess. */
export function newAddress(deps: Deps): MediaAddress {
  const mediaId = Buffer.from(deps.random.bytes(24)).toString('base64url') as MediaId
  return { server: serverName.parse(deps.config.serverName), mediaId }
}

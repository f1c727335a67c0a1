import { isUserId, serverOf, type ServerName } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import { signJson, verifyJson, type Crypto, type Signatures, type SigningKey } from '#spec/sign.ts'
import { member } from './content.ts'
import type { RoomEvent } from './event.ts'
import { redact } from './redact.ts'
import type { RoomVersion } from './versions.ts'

/*
 * Who must have signed an event, and whether they did. Server-Server API, "Validating hashes and signatures on received events".
 */

/**
 * The servers whose signature an event needs: the sender's, and from version 8 on that of the user who authorised a restricted join.
 * A third-party invite needs none, as another server may send it: rule 5.4.1 finds its proof in the content.
 */
export function signersOf(
  version: RoomVersion,
  event: Pick<RoomEvent, 'type' | 'sender' | 'content'>,
): readonly ServerName[] {
  const isMember = event.type === 'm.room.member'
  const isThirdPartyInvite =
    event.content['membership'] === 'invite' && Object.hasOwn(event.content, 'third_party_invite')
  const signers = isMember && isThirdPartyInvite ? [] : [serverOf(event.sender)]
  const user =
    isMember && version.restrictedJoins ? member(event.content, 'join_authorised_via_users_server') : undefined
  if (isUserId(user) && !signers.includes(serverOf(user))) signers.push(serverOf(user))
  return signers
}

/** True if the wire form of an event carries a valid signature of this key of this server; a redacted copy proves the same. */
export const isSignedBy = (
  version: RoomVersion,
  wire: JsonObject,
  server: ServerName,
  keyId: string,
  publicKey: Uint8Array,
  crypto: Pick<Crypto, 'verify'>,
): boolean => verifyJson(redact(version, wire), server, keyId, publicKey, crypto)

/** The signatures of an event's wire form with one more: ours, on an event that another server made. */
export const cosign = (version: RoomVersion, wire: JsonObject, key: SigningKey): Signatures =>
  signJson(redact(version, wire), key).signatures
